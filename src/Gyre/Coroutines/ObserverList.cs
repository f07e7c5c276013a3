using System.Diagnostics;

namespace Gyre.Coroutines;

/// <summary>
/// Who is told of the settling of one future, in the order in which they came. Each knows its place, so that leaving costs no search: when a
/// scope is cancelled in which a hundred thousand flows wait for one future, they all leave at once.
/// </summary>
[DebuggerDisplay("Count = {Count}")]
internal sealed class ObserverList
{
    private const int SparseMin = 32;

    private readonly List<IFutureObserver?> _places = [];

    public int Count { get; private set; }

    public void Add(IFutureObserver observer)
    {
        observer.Place = _places.Count;
        _places.Add(observer);
        Count++;
    }

    public void Remove(IFutureObserver observer)
    {
        int place = observer.Place;
        if (place < 0 || place >= _places.Count || _places[place] != observer)
        {
            // One that keeps no place; or that stands here twice, and has the other one's.
            place = _places.IndexOf(observer);
        }

        if (place >= 0)
        {
            Vacate(place);
        }
    }

    public int RemoveAll(Predicate<IFutureObserver> matches)
    {
        int before = Count;
        for (int i = 0; i < _places.Count; i++)
        {
            if (_places[i] is { } observer && matches(observer))
            {
                _places[i] = null;
                Count--;
            }
        }

        return before - Count;
    }

    /// <summary>Those that are left, in order.</summary>
    public IEnumerable<IFutureObserver> All()
    {
        foreach (IFutureObserver? observer in _places)
        {
            if (observer is not null)
            {
                yield return observer;
            }
        }
    }

    private void Vacate(int place)
    {
        _places[place] = null;
        Count--;
        if (_places.Count > SparseMin && Count < _places.Count / 2)
        {
            _places.RemoveAll(static observer => observer is null);
            for (int i = 0; i < _places.Count; i++)
            {
                _places[i]!.Place = i;
            }
        }
    }
}
