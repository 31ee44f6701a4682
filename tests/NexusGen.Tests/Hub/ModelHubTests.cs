using System.Collections.Concurrent;
using NexusGen.Hub;
using NexusGen.Hub.Core;

namespace NexusGen.Tests.Hub;

public sealed class ModelHubTests
{
    private const int Length = 3_000_000;

    [Fact]
    public async Task FilesGoIntoTheCacheOfPythonsToolsAndAreLinkedFromTheirPlaces()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", Length), config = fake.Add("config.json", 100, large: false);
        fake.Add("folder/vocab.json", 5000, large: false);
        using var hub = new ModelHub(fake.Settings);
        PullPlan plan = await hub.PlanAsync([Everything(folder.Path)]);
        Assert.Equal([PullState.Missing, PullState.Missing, PullState.Missing], plan.Files.Select(file => file.State));
        Assert.Equal(Length + 5100, plan.BytesToFetch);
        var reports = new ConcurrentQueue<PullProgress>();
        await hub.PullAsync(plan, new Told(reports.Enqueue));
        Assert.Equal((plan.Bytes, plan.Bytes, 3, 3), (reports.Last().Bytes, reports.Last().TotalBytes, reports.Last().Files, 3));

        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal(config, File.ReadAllBytes(folder["config.json"]));
        string blob = Path.Combine(fake.Cache, "blobs", fake.ChecksumOf("model.safetensors"));
        string snapshot = Path.Combine(fake.Cache, "snapshots", FakeHub.Commit, "folder", "vocab.json");
        Assert.Equal(weights, File.ReadAllBytes(blob));
        Assert.Equal(
            Path.Combine("..", "..", "..", "blobs", fake.ChecksumOf("folder/vocab.json")), new FileInfo(snapshot).LinkTarget);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(fake.Cache, "refs", "main")));
        Assert.Empty(Directory.GetFiles(fake.Cache, "*incomplete*", SearchOption.AllDirectories));

        // Nothing is fetched twice: not into the same place, and not into another one.
        int Fetched() => fake.Requests.Count(request =>
            request.Method == "GET" && request.Path.Contains("safetensors", StringComparison.Ordinal));
        int requests = Fetched();
        PullPlan again = await hub.PlanAsync([Everything(folder.Path)]);
        Assert.All(again.Files, file => Assert.Equal(PullState.Present, file.State));
        using var elsewhere = new TemporaryFolder();
        PullPlan copied = await hub.PlanAsync([Everything(elsewhere.Path)]);
        Assert.All(copied.Files, file => Assert.Equal(PullState.Cached, file.State));
        await hub.PullAsync(copied);
        Assert.Equal(weights, File.ReadAllBytes(elsewhere["model.safetensors"]));
        Assert.Equal(requests, Fetched());

        // Without a hub the cache serves.
        using var offline = new ModelHub(fake.Settings with { IsOffline = true, HuggingFace = new Uri("http://127.0.0.1:1") });
        using var third = new TemporaryFolder();
        await offline.PullAsync(await offline.PlanAsync([Everything(third.Path)]));
        Assert.Equal(weights, File.ReadAllBytes(third["model.safetensors"]));
        await Assert.ThrowsAsync<HubException>(() => offline.PlanAsync([
            Everything(third.Path) with { Repository = HubRepository.Parse("org/other") }
        ]));
    }

    [Fact]
    public async Task ModelScopesFilesGoIntoTheirPlacesOrComeFromItsCache()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", Length), known = fake.Add("folder/a b.json", 5000);
        string cached = Path.Combine(fake.Settings.ModelScopeCache, "models", "org", "name", "folder");
        Directory.CreateDirectory(cached);
        File.WriteAllBytes(Path.Combine(cached, "a b.json"), known);
        using var hub = new ModelHub(fake.Settings);
        PullPlan plan = await hub.PlanAsync([Everything(folder.Path) with { Site = HubSite.ModelScope }]);
        Assert.Equal(
            [("a b.json", PullState.Cached), ("model.safetensors", PullState.Missing)],
            plan.Files.Select(file => (Path.GetFileName(file.Target), file.State)).Order());
        await hub.PullAsync(plan);
        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Null(new FileInfo(folder["model.safetensors"]).LinkTarget);
        Assert.Equal(known, File.ReadAllBytes(Path.Combine(folder.Path, "folder", "a b.json")));
        Assert.DoesNotContain(fake.Requests, request => request.HasToken);
    }

    [Fact]
    public async Task ADownloadGoesOnWhereItWasCutAndCountsEachByteOnce()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", Length);
        int cuts = 0;
        fake.OnFile = async (context, path) =>
        {
            if (++cuts > 2)
            {
                return false;
            }

            int from = cuts == 1 ? 0 : int.Parse(context.Request.Headers.Range.ToString()["bytes=".Length..^1]);
            context.Response.StatusCode = from == 0 ? 200 : 206;
            context.Response.Headers.ContentRange = from == 0 ? default : $"bytes {from}-{Length - 1}/{Length}";
            context.Response.ContentLength = Length - from;
            await context.Response.Body.WriteAsync(weights.AsMemory(from, 700_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(200);
            context.Abort();
            return true;
        };
        using var hub = new ModelHub(fake.Settings);
        var reports = new ConcurrentQueue<PullProgress>();
        await hub.PullAsync(await hub.PlanAsync([Everything(folder.Path)]), new Told(reports.Enqueue));
        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal(Length, reports.Max(report => report.Bytes));
        string?[] ranges =
        [
            .. fake.Requests.Where(request => IsLarge(request.Path) && request.Method == "GET").Select(request => request.Range)
        ];
        Assert.Equal(3, ranges.Length);
        Assert.Null(ranges[0]);
        Assert.All(ranges[1..], Assert.NotNull);

        // The token is for the hub, and not for the address that it leads to.
        Assert.All(fake.Requests, request => Assert.Equal(!IsLarge(request.Path), request.HasToken));
    }

    [Fact]
    public async Task AStoppedPullIsContinuedByTheNextOne()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", Length);
        using var stop = new CancellationTokenSource();
        fake.OnFile = async (context, path) =>
        {
            context.Response.ContentLength = Length;
            await context.Response.Body.WriteAsync(weights.AsMemory(0, 1_000_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        using (var hub = new ModelHub(fake.Settings with { StallTimeout = TimeSpan.FromMinutes(1) }))
        {
            PullPlan plan = await hub.PlanAsync([Everything(folder.Path)]);
            var came = new Told(report =>
            {
                if (report.Bytes >= 1_000_000)
                {
                    stop.Cancel();
                }
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.PullAsync(plan, came, stop.Token));
        }

        Assert.False(File.Exists(folder["model.safetensors"]));
        fake.OnFile = (_, _) => Task.FromResult(false);
        using var next = new ModelHub(fake.Settings);
        PullPlan rest = await next.PlanAsync([Everything(folder.Path)]);
        Assert.Equal((PullState.Begun, 1_000_000L), (rest.Files[0].State, rest.Files[0].BytesThere));
        Assert.Equal(Length - 1_000_000, rest.BytesToFetch);
        await next.PullAsync(rest);
        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal("bytes=1000000-", fake.Requests[^1].Range);
    }

    [Theory]
    [InlineData("whole")]
    [InlineData("other range")]
    [InlineData("416")]
    public async Task WhatIsNoRestIsFetchedFromItsBeginning(string answer)
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", Length);
        string blobs = Path.Combine(fake.Cache, "blobs");
        Directory.CreateDirectory(blobs);
        File.WriteAllBytes(
            Path.Combine(blobs, fake.ChecksumOf("model.safetensors") + ".nexusgen.incomplete"), weights[..500_000]);
        int calls = 0;
        fake.OnFile = async (context, path) =>
        {
            if (calls++ > 0)
            {
                return false;
            }

            switch (answer)
            {
                case "416":
                    context.Response.StatusCode = 416;
                    break;
                case "whole":
                    context.Response.ContentLength = Length;
                    await context.Response.Body.WriteAsync(weights);
                    break;
                default:
                    context.Response.StatusCode = 206;
                    context.Response.Headers.ContentRange = $"bytes 0-99/{Length}";
                    await context.Response.Body.WriteAsync(weights.AsMemory(0, 100));
                    break;
            }

            return true;
        };
        using var hub = new ModelHub(fake.Settings);
        var reports = new ConcurrentQueue<PullProgress>();
        await hub.PullAsync(await hub.PlanAsync([Everything(folder.Path)]), new Told(reports.Enqueue));
        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
        Assert.Equal(Length, reports.Last().Bytes);
    }

    [Fact]
    public async Task BusyHubsAreAskedAgainAndSilentOnesGivenUp()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        byte[] weights = fake.Add("model.safetensors", 1000);
        Queue<int> statuses = new([429, 503]);
        fake.OnRequest = context =>
        {
            if (!statuses.TryDequeue(out int status))
            {
                return false;
            }

            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "0";
            return true;
        };
        using var hub = new ModelHub(fake.Settings with { StallTimeout = TimeSpan.FromSeconds(0.5) });
        PullPlan plan = await hub.PlanAsync([Everything(folder.Path)]);
        fake.OnFile = async (context, path) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(weights.AsMemory(0, 10));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        HubException silent = await Assert.ThrowsAsync<HubException>(() => hub.PullAsync(plan));
        Assert.Contains("no byte came", silent.Message);
        fake.OnFile = (_, _) => Task.FromResult(false);
        await hub.PullAsync(plan);
        Assert.Equal(weights, File.ReadAllBytes(folder["model.safetensors"]));
    }

    private static bool IsLarge(string path) => path.StartsWith("/large", StringComparison.Ordinal);

    private static PullRequest Everything(string folder) =>
        new() { Repository = HubRepository.Parse("org/name"), Folder = folder };

    private sealed class Told(Action<PullProgress> tell) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => tell(value);
    }
}
