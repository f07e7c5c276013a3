namespace Gyre.Drivers.Epoll;

/// <summary>Something that the driver calls back: for what epoll reports, and for what it gathered or left unfinished.</summary>
internal interface IEpollTarget
{
    /// <summary>Place in the driver's table; -1 when not in it. Written by the table alone.</summary>
    int Slot { get; set; }

    /// <summary>Tells the present owner of the slot from earlier ones; an event with another generation is stale.</summary>
    uint Generation { get; set; }

    /// <summary>Whether it waits for <see cref="RunGathered"/>. Set by gathering, cleared right before the call.</summary>
    bool IsGathered { get; set; }

    /// <summary>Takes an event of its descriptor.</summary>
    void OnEvents(uint mask);

    /// <summary>Does what was gathered: hands work to the system, or delivers an outcome that is known already.</summary>
    void RunGathered();

    /// <summary>Goes on with what a turn's bound cut short.</summary>
    void Continue();

    /// <summary>Closes the descriptor at once; called when the driver is disposed.</summary>
    void CloseAtDisposal();
}
