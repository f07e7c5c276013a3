namespace Gyre.Interop.Linux;

/// <summary>The seam at which tests make a system call fail, for failures that can't be waited for.</summary>
internal static class SystemCallFault
{
    /// <summary>Set by tests only: given the call's name, answers 0 to let it through or an errno to fail it with.</summary>
    [ThreadStatic]
    private static Func<string, int>? t_inject;

    private static bool s_everUsed;

    /// <summary>Installs or removes the injector of the calling thread.</summary>
    public static void Inject(Func<string, int>? injector)
    {
        t_inject = injector;
        s_everUsed = true;
    }

    /// <summary>The errno to fail <paramref name="call"/> with, or 0.</summary>
    public static int Check(string call) => s_everUsed && t_inject is { } inject ? inject(call) : 0;
}
