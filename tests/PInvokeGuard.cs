using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gyre.TestSupport;

/// <summary>
/// With GYRE_FORBID_PINVOKE=1 every P/Invoke of Gyre throws: what works on the sockets driver then works wherever .NET does.
/// </summary>
internal static class PInvokeGuard
{
    /// <summary>Whether the guard is on; tests of drivers that live on P/Invoke skip themselves then.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("GYRE_FORBID_PINVOKE") == "1";

    [ModuleInitializer]
    internal static void Install()
    {
        if (IsOn)
        {
            NativeLibrary.SetDllImportResolver(typeof(EventLoop).Assembly, Refuse);
        }
    }

    private static IntPtr Refuse(string library, Assembly assembly, DllImportSearchPath? paths) =>
        throw new InvalidOperationException($"Gyre called into '{library}' although P/Invoke is forbidden in this run.");
}
