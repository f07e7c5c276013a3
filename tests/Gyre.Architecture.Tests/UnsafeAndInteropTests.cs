using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>Native code is reached from one room, and pointers appear only where a table says why.</summary>
public sealed class UnsafeAndInteropTests
{
    private static readonly string[] InteropFolders = ["src/Gyre/Interop"];
    private static readonly string[] WaysIntoNativeCode =
        ["DllImport", "DllImportAttribute", "LibraryImport", "LibraryImportAttribute", "NativeLibrary", "GetDelegateForFunctionPointer"];

    [Fact]
    public void PInvoke_lives_in_Interop_alone() => Expect.Nothing(Repository.Under("src", "samples").SelectMany(NativeCalls));

    [Fact]
    public void Unsafe_code_lives_only_where_the_table_allows_it() =>
        Expect.Nothing(Repository.Under("src", "samples", "bench").SelectMany(file => UnsafeCode(file, AllowLists.UnsafeCode)));

    [Theory]
    [InlineData("class A { [System.Runtime.InteropServices.DllImport(\"libc\")] static extern int getpid(); }")]
    [InlineData("partial class A { [LibraryImport(\"libc\")] private static partial int getpid(); }")]
    [InlineData("class A { nint B() => System.Runtime.InteropServices.NativeLibrary.Load(\"libc\"); }")]
    [InlineData("unsafe class A { delegate* unmanaged<int> _getpid; }")]
    public void A_native_call_outside_Interop_is_reported(string text)
    {
        Expect.One("src/Gyre/Net/A.cs:1 calls native code", NativeCalls(Sample.File("src/Gyre/Net/A.cs", text)));
        Expect.Nothing(NativeCalls(Sample.File("src/Gyre/Interop/Linux/A.cs", text)));
    }

    [Fact]
    public void A_word_in_a_comment_or_a_managed_function_pointer_is_no_native_call() =>
        Expect.Nothing(NativeCalls(Sample.File("src/Gyre/Net/A.cs", "// No DllImport here.\nunsafe class A { delegate*<int> _f; }")));

    [Theory]
    [InlineData("unsafe class A;")]
    [InlineData("class A { unsafe void B() { } }")]
    [InlineData("class A { void B() { unsafe { } } }")]
    public void Unsafe_code_outside_the_table_is_reported(string text)
    {
        Expect.One("src/Gyre/Net/A.cs:1 is unsafe code", UnsafeCode(Sample.File("src/Gyre/Net/A.cs", text), AllowLists.UnsafeCode));
        Expect.Nothing(UnsafeCode(Sample.File("src/Gyre/Drivers/IoUring/A.cs", text), AllowLists.UnsafeCode));
    }

    private static IEnumerable<string> NativeCalls(SourceFile file)
    {
        if (!file.IsCSharp || InteropFolders.Any(file.IsUnder))
        {
            return [];
        }

        var named = file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => WaysIntoNativeCode.Contains(name.Identifier.Text));
        var pointers = file.Root.DescendantNodes().OfType<FunctionPointerCallingConventionSyntax>()
            .Where(convention => convention.ManagedOrUnmanagedKeyword.IsKind(SyntaxKind.UnmanagedKeyword));
        return named.Concat<SyntaxNode>(pointers)
            .Select(node => $"{file.At(node)} calls native code ({node}), which only {string.Join(", ", InteropFolders)} may");
    }

    private static IEnumerable<string> UnsafeCode(SourceFile file, Exempt[] allowed)
    {
        if (!file.IsCSharp || allowed.Any(entry => entry.Covers(file)))
        {
            return [];
        }

        return file.Root.DescendantTokens()
            .Where(token => token.IsKind(SyntaxKind.UnsafeKeyword))
            .Select(token => $"{file.At(token)} is unsafe code; AllowLists.UnsafeCode lists where it may stand");
    }
}
