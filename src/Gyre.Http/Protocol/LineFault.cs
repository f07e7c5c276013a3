namespace Gyre.Http.Protocol;

/// <summary>Which rule was broken, and by which bytes of the text; the sentence is made later, off the hot path.</summary>
internal readonly record struct LineFault(ProtocolFault Fault, int Start = 0, int Length = 0);
