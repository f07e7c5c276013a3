namespace Gyre.Drivers.IoUring;

/// <summary>Which operation of a target a completion belongs to; travels in the top byte of <c>user_data</c>.</summary>
internal enum OperationKind : byte
{
    Ignored,
    Wake,
    Accept,
    Connect,
    Receive,
    Send,
    Shutdown,
    Close,
    Poll,
}
