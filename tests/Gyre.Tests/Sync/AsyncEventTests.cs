using Gyre.Sync;

namespace Gyre.Tests;

public sealed class AsyncEventTests
{
    [Fact]
    public void Set_it_lets_everybody_through_until_it_is_cleared() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var door = new AsyncEvent(name: "door");
        var order = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                await door.WaitAsync();
                order.Add(number);
            });
        }

        await Coroutine.YieldAsync();
        Assert.Equal(3, door.Waiting);
        door.Set();
        door.Set();
        await OnLoop.TurnsAsync(1);
        Assert.Equal([0, 1, 2], order);
        Assert.True(door.WaitAsync().IsCompletedSuccessfully);
        door.Clear();
        Coroutine late = group.Spawn(async () => await door.WaitAsync());
        await OnLoop.TurnsAsync(2);
        Assert.False(late.IsDone);
        Assert.Equal("door, not set", door.ToString());
        door.Set();
    }));

    [Fact]
    public void Set_and_cleared_in_one_turn_it_still_wakes_those_who_waited() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var door = new AsyncEvent();
        int through = 0;
        for (int i = 0; i < 100; i++)
        {
            group.Spawn(async () =>
            {
                await door.WaitAsync();
                Assert.False(door.IsSet);
                through++;
            });
        }

        await Coroutine.YieldAsync();
        door.Set();
        door.Clear();
        await OnLoop.TurnsAsync(1);
        Assert.Equal(100, through);
        Assert.Equal(0, door.Waiting);
    }));

    [Fact]
    public void One_that_clears_it_and_waits_again_is_not_woken_by_the_same_set() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var door = new AsyncEvent();
        int woken = 0;
        Coroutine waiter = group.Spawn(async () =>
        {
            while (true)
            {
                await door.WaitAsync();
                woken++;
                door.Clear();
            }
        });
        await Coroutine.YieldAsync();
        door.Set();
        await OnLoop.TurnsAsync(5);
        Assert.Equal(1, woken);
        waiter.Cancel();
    }));

    [Fact]
    public void Set_and_then_cancelled_in_one_turn_the_waiter_goes_on_to_its_next_wait() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var door = new AsyncEvent();
        bool through = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            await door.WaitAsync();
            through = true;
            await Coroutine.YieldAsync();
            Assert.Fail("The scope is cancelled.");
        });
        await Coroutine.YieldAsync();
        door.Set();
        waiter.Cancel();
        await OnLoop.TurnsAsync(3);
        Assert.True(through);
    }));

    [Fact]
    public void Cancelled_and_then_set_in_one_turn_the_waiter_does_not_go_on() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var door = new AsyncEvent();
        bool through = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            await door.WaitAsync();
            through = true;
        });
        await Coroutine.YieldAsync();
        waiter.Cancel();
        Assert.Equal(0, door.Waiting);
        door.Set();
        await OnLoop.TurnsAsync(3);
        Assert.False(through);
    }));
}
