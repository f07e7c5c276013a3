using System.Globalization;

/// <summary>The dialogue with the script: a line names a mechanism and how long to run it, the answer has the figures.</summary>
internal static class Requests
{
    public const int Sleepers = 100_000;
    public const int Timers = 1_000_000;

    public static void Answer(Func<string, int, Sample?> measure)
    {
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            Sample? sample = measure(words[0], int.Parse(words[1], CultureInfo.InvariantCulture));
            Console.WriteLine(sample is { } s
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{words[0]} {s.CpuNanoseconds / s.Operations:F3} {s.Nanoseconds / s.Operations:F3} {s.Bytes / s.Operations:F4}")
                : $"{words[0]} - - -");
        }
    }
}
