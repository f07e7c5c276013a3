using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>The arrows between rooms, asserted on the build that these tests were built with.</summary>
public sealed class ArrowTests
{
    private static readonly Lazy<CodeBase> Gyre = new(() => CodeBase.Load("Gyre"));
    private static readonly Lazy<CodeBase> Http = new(() => CodeBase.Load("Gyre.Http"));

    [Fact]
    public void Every_type_of_Gyre_lies_in_exactly_one_room() => Expect.Nothing(new Arrows(Gyre.Value).Homeless());

    [Fact]
    public void A_room_uses_only_rooms_listed_above_it() => Expect.Nothing(new Arrows(Gyre.Value).Violations());

    [Fact]
    public void No_rooms_use_one_another_in_a_circle() => Expect.Nothing(new Arrows(Gyre.Value).Cycles());

    [Fact]
    public void The_HTTP_protocol_uses_nothing_of_Gyre_but_buffers() =>
        Expect.Nothing(new ForeignArrows(Http.Value, Gyre.Value, RoomTable.OfHttp).Violations());

    [Fact]
    public void The_table_names_each_room_once_and_reserves_rooms_only_for_rooms_that_exist()
    {
        var folders = RoomTable.OfGyre.Select(room => room.Folder).ToArray();
        Assert.Equal(folders.Distinct(), folders);
        Assert.All(RoomTable.OfGyre, room => Assert.True(room.UsedOnlyBy is null || folders.Contains(room.UsedOnlyBy)));
    }
}
