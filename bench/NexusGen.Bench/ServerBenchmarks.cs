using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace NexusGen.Bench;

/// <summary>
/// The server with the small model: the cost of HTTP, the gain from batching requests, and the behavior under overload.
/// </summary>
internal static class ServerBenchmarks
{
    private const int Clients = 8;

    /// <summary>Compares one client with eight, over HTTP and without.</summary>
    public static void Serve()
    {
        using BenchServer server = BenchServer.StartAsync(Clients, _ => { }).GetAwaiter().GetResult();
        void One(Func<int, Task> ask)
        {
            for (int i = 0; i < Clients; i++)
            {
                ask(i).GetAwaiter().GetResult();
            }
        }

        void Eight(Func<int, Task> ask) =>
            Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(() => ask(i)))).GetAwaiter().GetResult();

        async Task Ask(int i)
        {
            (HttpStatusCode status, bool right) = await server.AskAsync(i);
            if (!right || status != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"request {i} was answered with {status}, and not with its picture");
            }
        }

        new Comparison("serve: 1 client over HTTP", 1.05) { FloorName = "library", Settles = true, Rounds = 21 }
            .Run(() => One(Ask), () => One(i => server.DrawAsync(i)));
        new Comparison("serve: 8 clients at once", 1 / 1.5) { FloorName = "1 client", Settles = true }
            .Run(() => Eight(Ask), () => One(Ask));
        new Comparison("serve: 8 callers of the library at once", 1 / 1.5) { FloorName = "1 caller", Settles = true }
            .Run(() => Eight(i => server.DrawAsync(i)), () => One(i => server.DrawAsync(i)));
    }

    /// <summary>Runs ten times as many clients as there are batch slots, for two minutes.</summary>
    public static void Load() => LoadAsync(TimeSpan.FromMinutes(2)).GetAwaiter().GetResult();

    private static async Task LoadAsync(TimeSpan length)
    {
        using BenchServer server = await BenchServer.StartAsync(Clients, options =>
        {
            options.MaxRunning = Clients;
            options.QueueLength = 2 * Clients;
            options.QueuePerClient = 2 * Clients;
        });
        using var end = new CancellationTokenSource(length);
        ConcurrentDictionary<string, int> counts = [];
        ConcurrentBag<double> accepted = [], refused = [];
        long before = Environment.WorkingSet, most = 0, half = 0;
        var watch = Stopwatch.StartNew();
        Task memory = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                long now = Environment.WorkingSet;
                (most, half) = (Math.Max(most, now), watch.Elapsed < length / 2 ? Math.Max(half, now) : half);
                await Task.Delay(100);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 10 * Clients).Select(client => Task.Run(async () =>
        {
            for (int i = client; !end.IsCancellationRequested; i++)
            {
                long start = Stopwatch.GetTimestamp();
                (HttpStatusCode status, bool right) = await server.AskAsync(i);
                (status == HttpStatusCode.OK ? accepted : refused).Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                counts.AddOrUpdate($"{(int)status}{(right ? "" : " WRONG")}", 1, (_, count) => count + 1);
                if (status != HttpStatusCode.OK)
                {
                    // Impatient: retries much earlier than the response says.
                    await Task.Delay(50);
                }
            }
        })));
        await memory;
        static double Part(ConcurrentBag<double> times, double part) =>
            times.Order().ElementAtOrDefault((int)(times.Count * part));

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"serve-load: {10 * Clients} clients, {watch.Elapsed.TotalSeconds:f0} s: "
            + $"{string.Join(", ", counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value:n0} x {pair.Key}"))}; "
            + $"{accepted.Count / watch.Elapsed.TotalSeconds:f1} pictures a second; "
            + $"answered within {Part(accepted, 0.5):f2} s (median), {Part(accepted, 0.99):f2} s (99 of 100); "
            + $"refused within {Part(refused, 0.5) * 1000:f1} ms (median), {Part(refused, 0.99) * 1000:f0} ms (99 of 100); "
            + $"memory {before >> 20:n0} MiB before, at most {half >> 20:n0} in the first half, {most >> 20:n0} in all"));
    }
}
