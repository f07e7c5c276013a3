using Gyre.Coroutines;

namespace Gyre.Tests;

/// <summary>Who is told of a settling, when many come and go.</summary>
public sealed class ObserverListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whoever_leaves_is_gone_and_the_others_keep_their_order(int every)
    {
        var list = new ObserverList();
        Observer[] all = [.. Enumerable.Range(0, 500).Select(number => new Observer(number, keepsPlace: number % 2 == 0))];
        foreach (Observer observer in all)
        {
            list.Add(observer);
        }

        foreach (Observer leaving in all.Where(one => one.Number % every == 0).Reverse())
        {
            list.Remove(leaving);
            list.Remove(leaving);
        }

        Observer[] left = [.. all.Where(one => one.Number % every != 0)];
        Assert.Equal(left, list.All());
        Assert.Equal(left.Length, list.Count);
    }

    [Fact]
    public void One_that_was_added_twice_leaves_once_for_each_removal()
    {
        var list = new ObserverList();
        var twice = new Observer(1, keepsPlace: true);
        list.Add(twice);
        list.Add(new Observer(2, keepsPlace: true));
        list.Add(twice);
        list.Remove(twice);
        Assert.Equal(2, list.Count);
        list.Remove(twice);
        Assert.Equal([2], list.All().Select(one => ((Observer)one).Number));
    }

    private sealed class Observer(int number, bool keepsPlace) : IFutureObserver
    {
        private int _place = -1;

        public int Number => number;

        public int Place
        {
            get => _place;
            set => _place = keepsPlace ? value : -1;
        }

        public void OnSettled(Waitable settled)
        {
        }
    }
}
