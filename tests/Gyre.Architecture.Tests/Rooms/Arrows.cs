namespace Gyre.Architecture.Tests;

/// <summary>Holds what types use against the table of rooms, and says in sentences what doesn't fit.</summary>
internal sealed class Arrows(CodeBase gyre)
{
    private readonly Room[] _rooms = RoomTable.OfGyre;
    private readonly IReadOnlyCollection<TypeUse> _uses = TypeUses.Of(gyre);

    /// <summary>Types that lie in no room, or in two.</summary>
    public IEnumerable<string> Homeless()
    {
        foreach (var (type, file) in gyre.Declarations())
        {
            var first = gyre.FileOf(type)!;
            if (RoomOfFile(file) is null)
            {
                var rooms = string.Join(", ", _rooms.Select(room => room.Folder));
                yield return $"{file}: type {Simple(type)} lies in no room; the rooms are {rooms}";
            }
            else if (RoomOfFile(file) != RoomOfFile(first))
            {
                yield return $"{file}: type {Simple(type)} lies in two rooms; another part of it is in {first}";
            }
        }

        foreach (var type in gyre.WrittenTypes().Select(CodeBase.SourceName).Where(type => gyre.FileOf(type) is null))
        {
            yield return $"{type} is compiled into {gyre.AssemblyName}, but no file below {gyre.Folder} declares it";
        }
    }

    /// <summary>Uses that run against the order of the rooms, or reach a room that is reserved for another.</summary>
    public IEnumerable<string> Violations() =>
        from use in _uses
        where use.ToAssembly == gyre.AssemblyName
        let file = gyre.FileOf(use.From)
        let @from = RoomOf(use.From)
        let to = RoomOf(use.To)
        where @from is not null && to is not null && @from != to
        let trouble = Trouble(@from, to)
        where trouble is not null
        orderby file, use.To
        select $"{file}: type {Simple(use.From)} in room {@from.Folder} uses {Simple(use.To)} of room {to.Folder}, {trouble}";

    /// <summary>Rooms that use one another in a circle, each step with a type that takes it.</summary>
    public IEnumerable<string> Cycles()
    {
        var steps = _uses
            .Where(use => use.ToAssembly == gyre.AssemblyName)
            .Select(use => (From: RoomOf(use.From)?.Folder, To: RoomOf(use.To)?.Folder, Use: use))
            .Where(step => step.From is not null && step.To is not null && step.From != step.To)
            .GroupBy(step => (From: step.From!, To: step.To!))
            .ToDictionary(group => group.Key, group => group.First().Use);
        foreach (var start in _rooms.Select(room => room.Folder))
        {
            if (ShortestWayBack(start, [.. steps.Keys]) is { } way && way.Min(StringComparer.Ordinal) == start)
            {
                var told = way.Zip(way.Skip(1), (from, to) => Told(from, to, steps[(from, to)]));
                yield return $"rooms use one another in a circle: {string.Join(", ", told)}";
            }
        }
    }

    public Room? RoomOf(string topLevelType) => gyre.FileOf(topLevelType) is { } file ? RoomOfFile(file) : null;

    private static List<string>? ShortestWayBack(string start, (string From, string To)[] steps)
    {
        var waysToTry = new Queue<List<string>>([[start]]);
        var seen = new HashSet<string>();
        while (waysToTry.TryDequeue(out var way))
        {
            foreach (var next in steps.Where(step => step.From == way[^1]).Select(step => step.To))
            {
                if (next == start)
                {
                    return [.. way, start];
                }

                if (seen.Add(next))
                {
                    waysToTry.Enqueue([.. way, next]);
                }
            }
        }

        return null;
    }

    private static string Told(string from, string to, TypeUse use) => $"{from} → {to} ({Simple(use.From)} uses {Simple(use.To)})";

    private string? Trouble(Room from, Room to)
    {
        if (to.UsedOnlyBy is { } only && only != from.Folder)
        {
            return $"which only {only} may use";
        }

        return Array.IndexOf(_rooms, to) > Array.IndexOf(_rooms, from) ? "which is listed below it" : null;
    }

    private Room? RoomOfFile(string file) =>
        _rooms.Where(room => file.StartsWith(room.Folder + "/", StringComparison.Ordinal)).MaxBy(room => room.Folder.Length);

    private static string Simple(string type) => type[(type.LastIndexOf('.') + 1)..].Split('`')[0];
}
