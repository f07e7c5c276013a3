using static Gyre.Http.Protocol.ChunkLineState;

namespace Gyre.Http.Protocol;

/// <summary>
/// The grammar of the line that starts a chunk, RFC 9112 section 7.1, as a table over classes of bytes, so that the line
/// needs no buffer: <c>1*HEXDIG *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF</c>. White space is
/// only taken where that grammar has it: not before the size, nor before the CR.
/// </summary>
internal static class ChunkLineTable
{
    private const int Classes = 11;
    private const ChunkLineState No = Refused;

    // Columns: hexadecimal digit, other token byte, white space, ";", "=", quote, backslash, CR, LF, other text, control.
    private static readonly ChunkLineState[] s_next =
    [
        /* SizeFirst   */ Size, No, No, No, No, No, No, No, No, No, No,
        /* Size        */ Size, No, SizeSpace, NameFirst, No, No, No, LineEnd, No, No, No,
        /* SizeSpace   */ No, No, SizeSpace, NameFirst, No, No, No, No, No, No, No,
        /* NameFirst   */ Name, Name, NameFirst, No, No, No, No, No, No, No, No,
        /* Name        */ Name, Name, NameSpace, NameFirst, ValueFirst, No, No, LineEnd, No, No, No,
        /* NameSpace   */ No, No, NameSpace, NameFirst, ValueFirst, No, No, No, No, No, No,
        /* ValueFirst  */ Value, Value, ValueFirst, No, No, Quoted, No, No, No, No, No,
        /* Value       */ Value, Value, ValueSpace, NameFirst, No, No, No, LineEnd, No, No, No,
        /* ValueSpace  */ No, No, ValueSpace, NameFirst, No, No, No, No, No, No, No,
        /* Quoted      */ Quoted, Quoted, Quoted, Quoted, Quoted, QuotedEnd, Escaped, No, No, Quoted, No,
        /* Escaped     */ Quoted, Quoted, Quoted, Quoted, Quoted, Quoted, Quoted, No, No, Quoted, No,
        /* QuotedEnd   */ No, No, ValueSpace, NameFirst, No, No, No, LineEnd, No, No, No,
        /* LineEnd     */ No, No, No, No, No, No, No, No, Done, No, No,
    ];

    private static readonly byte[] s_class = BuildClasses();

    internal static ChunkLineState Next(ChunkLineState state, byte b) => s_next[((int)state * Classes) + s_class[b]];

    internal static bool IsExtension(ChunkLineState state) => state is > Size and < LineEnd;

    internal static ProtocolFault FaultOf(ChunkLineState state, byte b) => state switch
    {
        _ when b == ByteClasses.LineFeed => ProtocolFault.BareLineFeed,
        LineEnd => ProtocolFault.BareCarriageReturn,
        SizeFirst or Size or SizeSpace => ProtocolFault.ChunkSizeInvalid,
        _ => ProtocolFault.ChunkExtensionInvalid,
    };

    private static byte[] BuildClasses()
    {
        byte[] classes = new byte[256];
        for (int i = 0; i < classes.Length; i++)
        {
            byte b = (byte)i;
            classes[i] = b switch
            {
                _ when char.IsAsciiHexDigit((char)b) => 0,
                (byte)' ' or (byte)'\t' => 2,
                (byte)';' => 3,
                (byte)'=' => 4,
                (byte)'"' => 5,
                (byte)'\\' => 6,
                ByteClasses.CarriageReturn => 7,
                ByteClasses.LineFeed => 8,
                _ when ByteClasses.Token.Contains(b) => 1,
                < 0x20 or 0x7F => 10,
                _ => 9,
            };
        }

        return classes;
    }
}
