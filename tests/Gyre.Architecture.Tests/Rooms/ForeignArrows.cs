namespace Gyre.Architecture.Tests;

/// <summary>Holds the rooms of another project (Gyre.Http) against what they may use of themselves and of Gyre.</summary>
internal sealed class ForeignArrows(CodeBase project, CodeBase gyre, ForeignRoom[] rooms)
{
    public IEnumerable<string> Violations() =>
        from use in TypeUses.Of(project)
        let file = project.FileOf(use.From)
        where file is not null
        from room in rooms
        where IsIn(file, room.Folder)
        let trouble = Trouble(room, use)
        where trouble is not null
        orderby file, use.To
        select $"{project.AssemblyName}/{file}: type {use.From} in room {room.Folder} uses {use.To}, {trouble}";

    private string? Trouble(ForeignRoom room, TypeUse use)
    {
        var (owner, allowed) = use.ToAssembly == project.AssemblyName ? (project, room.MayUseHere)
            : use.ToAssembly == gyre.AssemblyName ? (gyre, room.MayUseOfGyre)
            : (null, []);
        if (owner is null || (owner.FileOf(use.To) is { } file && allowed.Any(folder => IsIn(file, folder))))
        {
            return null;
        }

        return $"declared in {owner.AssemblyName}/{owner.FileOf(use.To) ?? "?"}; "
            + $"of {owner.AssemblyName} it may use {string.Join(", ", allowed)} alone";
    }

    private static bool IsIn(string file, string folder) => file.StartsWith(folder + "/", StringComparison.Ordinal);
}
