// The BCL's side: the thread pool, which has one thread on the one processor that the script pins the process to.
Requests.Answer((mechanism, milliseconds) => Task.Run(() => Mechanisms.MeasureAsync(mechanism, milliseconds)).GetAwaiter().GetResult());
