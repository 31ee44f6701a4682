using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace NexusGen.Bench;

/// <summary>
/// What a flood of refused requests costs the images that are generated beside it. The clients, which ask again as soon as they
/// are answered, run in a process of their own, and its processor time is reported: it is missing for the server on the same
/// machine.
/// </summary>
internal static class FloodBenchmark
{
    private const int Few = 20;
    private const int Many = 200;
    private const double Goal = 0.8;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    /// <summary>Compares as many clients as the queue takes with ten times as many.</summary>
    public static void Run()
    {
        using BenchServer server = BenchServer.StartAsync(8, _ => { }).GetAwaiter().GetResult();
        _ = Measure(server, Few, TimeSpan.FromSeconds(3));
        (double few, double few2) = (Measure(server, Few, Length), Measure(server, Few, Length));
        double many = Measure(server, Many, Length);
        double alone = (few + few2) / 2;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"serve-flood: {many / alone:f3} of the images per second of free processor time "
            + $"(goal {Goal:f2}; {Few} clients twice: {few2 / few:f3})"));
    }

    /// <summary>Runs the clients.</summary>
    /// <param name="address">The address of the server.</param>
    /// <param name="clients">The number of clients.</param>
    /// <param name="seconds">How long they ask.</param>
    public static async Task ChildAsync(string address, int clients, double seconds)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = clients })
        {
            BaseAddress = new Uri(address),
        };
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        ConcurrentDictionary<string, int> counts = [];
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                string result;
                try
                {
                    using HttpResponseMessage response = await http.PostAsJsonAsync(
                        "/v1/images/generations", new JsonObject { ["prompt"] = "a red star" }, end.Token);
                    await response.Content.ReadAsByteArrayAsync(end.Token);
                    result = $"{(int)response.StatusCode}";
                }
                catch (OperationCanceledException)
                {
                    break;
                }
                catch (HttpRequestException)
                {
                    result = "closed";
                }

                counts.AddOrUpdate(result, 1, (_, count) => count + 1);
            }
        })));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.GetValueOrDefault("200")} {Environment.CpuUsage.TotalTime.TotalSeconds:f2} "
            + $"{string.Join(", ", counts.Where(pair => pair.Key != "200").Select(pair => $"{pair.Value} x {pair.Key}"))}"));
    }

    // Returns the images per second of processor time that the clients left.
    private static double Measure(BenchServer server, int clients, TimeSpan length)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        string[] arguments =
        [
            typeof(FloodBenchmark).Assembly.Location, "flood-child", $"{server.Http.BaseAddress}", $"{clients}",
            length.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        using Process child = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string[] told = child.StandardOutput.ReadToEnd().Trim().Split(' ', 3);
        child.WaitForExit();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds,
            own = (Environment.CpuUsage.TotalTime - before).TotalSeconds,
            theirs = double.Parse(told[1], CultureInfo.InvariantCulture),
            images = double.Parse(told[0], CultureInfo.InvariantCulture);
        double free = Math.Max(0.01, (length.TotalSeconds * Environment.ProcessorCount) - theirs);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"serve-flood: {clients} clients, {length.TotalSeconds:f0} s ({elapsed:f1} with their start): {images} images, "
            + $"{(told.Length > 2 ? told[2] : "none refused")}; processor time: server {own:f1} s, clients {theirs:f1} s"));
        return images / free;
    }
}
