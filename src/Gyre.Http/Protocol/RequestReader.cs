using System.Diagnostics;

namespace Gyre.Http.Protocol;

/// <summary>
/// Reads the requests of one HTTP/1.1 connection, without IO: bytes go in, events come out. Any split of the same bytes
/// gives the same events, except that a body's data may come in other pieces. Time is linear in the bytes, memory is
/// bounded by <see cref="HttpLimits"/>, and once buffers have their size nothing is allocated. Bytes from a peer never
/// make it throw.
/// </summary>
/// <remarks>
/// <para>The head is kept in the reader's own buffer, so that the input may be released at once. Body data is not kept:
/// <see cref="DataRange"/> points into the input of the call that returned it.</para>
/// <para>Not thread-safe: one flow reads at a time.</para>
/// </remarks>
[DebuggerDisplay("{State}, {MessageCount} messages")]
public sealed partial class RequestReader
{
    private const int StoreBytesInitial = 512;
    private const int TrailerBytesInitial = 128;
    private const int StoreBytesKept = 4096;
    private const int EntriesKept = 32;

    private readonly HttpLimits _limits;
    private readonly ByteStore _store = new(StoreBytesInitial);
    private FieldSection? _trailers;
    private ByteStore? _trailerStore;

    private ReaderState _state;
    private bool _asksForHead;

    // The start of the first line that hasn't been read: in the input while the store is empty, else in the store.
    private int _position;

    // Where the current block of lines must have ended, in the same terms.
    private int _blockEnd;
    private int _dataStart;
    private int _dataLength;

    /// <summary>Starts before the first request of a connection.</summary>
    /// <param name="limits"><see langword="null"/> for <see cref="HttpLimits.Default"/>.</param>
    public RequestReader(HttpLimits? limits = null)
    {
        _limits = limits ?? HttpLimits.Default;
        Head = new RequestHead(_store);
        Prepare();
    }

    /// <summary>The head of the current request: meaningful from <see cref="ReaderEvent.Head"/> to <see cref="Reset"/>.</summary>
    public RequestHead Head { get; }

    /// <summary>
    /// The trailers of the current request, readable from <see cref="ReaderEvent.End"/> to <see cref="Reset"/>. They are
    /// never merged into the headers, and a trailer that could pass for framing, routing, authentication or the like
    /// (RFC 9110 section 6.5.1) makes the request an error.
    /// </summary>
    public FieldSection Trailers => _trailers ??= new FieldSection(_trailerStore = new ByteStore(TrailerBytesInitial));

    /// <summary>What the peer did wrong, after <see cref="ReaderEvent.Error"/>.</summary>
    public ProtocolError? Error { get; private set; }

    /// <summary>Where in the last call's input the bytes of <see cref="ReaderEvent.Data"/> are; else empty.</summary>
    public Range DataRange => _dataStart..(_dataStart + _dataLength);

    /// <summary>The start of <see cref="DataRange"/>.</summary>
    public int DataOffset => _dataStart;

    /// <summary>The length of <see cref="DataRange"/> in bytes.</summary>
    public int DataLength => _dataLength;

    /// <summary>Where the reader stands in <see cref="ReaderStateTable"/>.</summary>
    public ReaderState State => _state;

    /// <summary>
    /// Whether bytes of an unfinished request are held: the time-out for a whole head applies, not the one for an idle
    /// connection.
    /// </summary>
    public bool IsInsideMessage => _state is not (ReaderState.Start or ReaderState.Complete or ReaderState.Closed) || _store.Length > 0;

    /// <summary>Whether the whole request was read, so that <see cref="Reset"/> is allowed.</summary>
    public bool IsComplete => _state == ReaderState.Complete;

    /// <summary>
    /// The longest body that this request may have, in bytes; <see cref="HttpLimits.BodyBytesMax"/> at the start of each.
    /// May be changed between <see cref="ReaderEvent.Head"/> and the end of the body, for a route that takes more or less:
    /// an excessive <c>Content-Length</c> is only refused by the first <see cref="Read"/> after the head.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long BodyBytesMax { get; set => field = HttpLimits.CheckedBody(value); }

    /// <summary>How many heads were read since construction; wraps never.</summary>
    public long MessageCount { get; private set; }

    /// <summary>
    /// How many bytes the reader has looked at while searching for lines and chunks since construction: its work, at most
    /// a small multiple of the bytes consumed.
    /// </summary>
    public long BytesExamined { get; private set; }

    /// <summary>Bytes held for the current head and trailers, in capacity.</summary>
    public int BufferBytes => _store.Capacity + (_trailerStore?.Capacity ?? 0);

    /// <summary>Bytes of a body of declared length that weren't read yet; 0 of any other.</summary>
    internal long BodyBytesAhead => _state == ReaderState.LengthBody ? _bodyRemaining : 0;

    /// <summary>
    /// The head of a request that was refused, or never came to its end, if that was a HEAD: its answer has no body. Null for any other.
    /// </summary>
    internal RequestHead? RefusedHead
    {
        get
        {
            if (_asksForHead || AsksForHead(_store.Written))
            {
                Head.Method = RequestMethod.Head;
            }

            return Head.Method == RequestMethod.Head ? Head : null;
        }
    }

    /// <summary>Reads on, to the next event.</summary>
    /// <param name="input">
    /// The bytes not yet consumed, any number of them. May be empty: after a head without a body the end needs no byte.
    /// </param>
    /// <param name="consumed">
    /// How many of them are done with; the rest must be passed again, at the start of the next call's input. All of them
    /// with <see cref="ReaderEvent.NeedData"/>; without meaning with <see cref="ReaderEvent.Error"/>.
    /// </param>
    /// <returns>What was found first.</returns>
    /// <exception cref="LocalProtocolException">The peer's end was reported before, so no bytes can follow.</exception>
    public ReaderEvent Read(ReadOnlySpan<byte> input, out int consumed)
    {
        _dataLength = 0;
        switch (_state)
        {
            case ReaderState.Start or ReaderState.AfterBlankLine or ReaderState.Headers:
                return ReadHead(input, out consumed);
            case ReaderState.Complete:
                consumed = 0;
                return ReaderEvent.End;
            case ReaderState.LengthBody:
                return ReadLengthBody(input, out consumed);
            case ReaderState.Failed:
                consumed = 0;
                return ReaderEvent.Error;
            case ReaderState.Closed:
                throw new LocalProtocolException("Read was called after InputEnded; there can't be more bytes.");
            default:
                return ReadChunks(input, out consumed);
        }
    }

    /// <summary>
    /// Says that the peer will send nothing more. Call it after <see cref="Read"/> has returned
    /// <see cref="ReaderEvent.NeedData"/> or <see cref="ReaderEvent.End"/> for the last bytes.
    /// </summary>
    /// <returns>
    /// <see cref="ReaderEvent.Closed"/> when that falls between two messages, else <see cref="ReaderEvent.Error"/>: the
    /// request that was cut short must not be acted upon (RFC 9112 section 8).
    /// </returns>
    public ReaderEvent InputEnded()
    {
        bool isCut = _state is ReaderState.Start or ReaderState.AfterBlankLine && _store.Length > _position;
        ReaderState next = ReaderStateTable.Next(_state, isCut ? ReaderStep.InputCut : ReaderStep.InputEnd);
        if (next == ReaderState.Failed)
        {
            return _state == ReaderState.Failed ? ReaderEvent.Error : Fail(ProtocolFault.Incomplete, default);
        }

        _state = next;
        return ReaderEvent.Closed;
    }

    /// <summary>Makes ready for the next request on the same connection; the current head's spans end here.</summary>
    /// <exception cref="LocalProtocolException">
    /// The request isn't complete: the rest of its body would be read as the next request. Read to the end, or close the
    /// connection and <see cref="Recycle"/>.
    /// </exception>
    public void Reset()
    {
        if (_state != ReaderState.Complete)
        {
            throw new LocalProtocolException(
                $"Reset was called in the state {_state}; read the request to its end, or close the connection.");
        }

        Step(ReaderStep.NextMessage);
        Prepare();
    }

    /// <summary>
    /// Makes ready for another connection, in any state, an error included, and gives large buffers back. For readers
    /// that are pooled; never to go on with the same connection.
    /// </summary>
    public void Recycle()
    {
        _state = ReaderState.Start;
        Error = null;
        Prepare();
        ShrinkIfLarge();
    }

    /// <summary>
    /// Gives buffers above 4 KiB back, for a connection that goes idle between requests; does nothing while bytes of a
    /// request are held.
    /// </summary>
    public void ShrinkIfLarge()
    {
        _store.ShrinkAbove(StoreBytesKept);
        Head.Headers.ShrinkAbove(EntriesKept);
        _trailerStore?.ShrinkAbove(StoreBytesKept);
        _trailers?.ShrinkAbove(EntriesKept);
    }

    private void Prepare()
    {
        _store.Clear();
        Head.Clear();
        _trailerStore?.Clear();
        _trailers?.Clear();
        _asksForHead = false;
        _position = 0;
        _blockEnd = _limits.RequestLineBytesMax;
        _dataStart = 0;
        _dataLength = 0;
        BodyBytesMax = _limits.BodyBytesMax;
        PrepareBody();
    }

    private void Step(ReaderStep step) => _state = ReaderStateTable.Next(_state, step);

    private ReaderEvent Fail(ProtocolFault fault, ReadOnlySpan<byte> offending)
    {
        Step(ReaderStep.Fault);
        Error = ProtocolError.Create(fault, offending);
        return ReaderEvent.Error;
    }

    private ReaderEvent Fail(LineFault fault, ReadOnlySpan<byte> text) => Fail(fault.Fault, text.Slice(fault.Start, fault.Length));

    /// <summary>
    /// Moves bytes of the input to a store, up to the end of a line or of the block. Scans only what is new, so that a
    /// line that comes byte by byte costs linear time.
    /// </summary>
    /// <returns>Whether there is something to judge: a complete line, or a block that is too large.</returns>
    private bool TakeLine(ByteStore store, ReadOnlySpan<byte> input, ref int consumed)
    {
        ReadOnlySpan<byte> rest = input[consumed..];
        int length = rest.IndexOf(ByteClasses.LineFeed) + 1;
        int taken = Math.Min(length > 0 ? length : rest.Length, _blockEnd - store.Length);
        store.Append(rest[..taken]);
        consumed += taken;
        BytesExamined += taken;
        return length > 0 || store.Length == _blockEnd;
    }
}
