using Microsoft.AspNetCore.Http;
using NexusGen.Cli.Core;
using NexusGen.Cli.Models;
using NexusGen.Conversion;
using NexusGen.Core;
using NexusGen.Hub;
using NexusGen.Hub.Core;
using NexusGen.Tests.Hub;

namespace NexusGen.Tests.Cli;

/// <summary>A model that is converted while it is fetched.</summary>
public sealed class ConvertingPullTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FakeHub _hub = null!;

    public async Task InitializeAsync()
    {
        _hub = await FakeHub.StartAsync();
        foreach (string file in Directory.GetFiles(ReferenceFolder.TinyModel, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith("empty-prompt", StringComparison.Ordinal)))
        {
            string path = Path.GetRelativePath(ReferenceFolder.TinyModel, file).Replace('\\', '/');
            _hub.Files[path] = File.ReadAllBytes(file);
            if (Path.GetExtension(path) is ".bin" or ".safetensors")
            {
                _hub.Large.Add(path);
            }
        }
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("q8_0")]
    [InlineData("f32")]
    public async Task FetchesConvertsAndDraws(string type)
    {
        long peak = await RunAsync(type);

        Assert.Equal(["models"], _folder.Names);
        Assert.False(Directory.Exists(_hub.Cache));
        Assert.InRange(peak, 1, 3 * _hub.Files.Values.Sum(file => (long)file.Length));

        // The same files as from a conversion of the whole.
        using var whole = new TemporaryFolder();
        using (ConversionPlan plan = ConversionPlanner.Plan(
            new ConversionRequest(ReferenceFolder.TinyModel, whole["models"], StorageType.Find(type, "")!)))
        {
            new Converter(plan).Run();
        }

        foreach (string file in whole.Files.Where(file => !file.Contains("empty-prompt", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllBytes(whole[file]), File.ReadAllBytes(_folder[file]));
        }

        CliRun run = await CliRun.Of(
            "generate", "A cat", "--model", _folder["models"], "--steps", "1", "--width", "64", "--height", "48",
            "--force-drawing", "--max-new-tokens", "4", "--output", _folder["cat.png"]);
        Assert.Equal(("", ExitCode.Success), (run.Error, run.Code));
    }

    [Fact]
    public async Task GoesOnAfterAFailure()
    {
        const string last = "Nexus-GenV2/edit_decoder.bin", first = "Nexus-GenV2/model-00001-of-00002.safetensors";
        _hub.OnFile = (context, path) =>
        {
            context.Response.StatusCode = path == last ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
            return Task.FromResult(path == last);
        };
        await Assert.ThrowsAsync<HubException>(() => RunAsync("q8_0"));
        Assert.Equal(["models.nexusgen.pull"], _folder.Names);
        Assert.DoesNotContain(_folder.Files, file => file.EndsWith(Path.GetFileName(first), StringComparison.Ordinal));

        _hub.OnFile = (_, _) => Task.FromResult(false);
        lock (_hub.Requests)
        {
            _hub.Requests.Clear();
        }

        await RunAsync("q8_0");
        Assert.Equal(["models"], _folder.Names);
        Assert.DoesNotContain(_hub.Requests, request => request.Path == "/large/" + first && request.Method == "GET");
    }

    [Fact]
    public async Task WhatIsThereIsNotReplaced()
    {
        Directory.CreateDirectory(Path.Combine(_folder["models"], "Nexus-GenV2"));
        NexusGenException there = await Assert.ThrowsAnyAsync<NexusGenException>(() => RunAsync("q8_0"));
        Assert.Contains("is not replaced", there.Message);

        Directory.Delete(_folder["models"], recursive: true);
        _hub.Files.Remove("Nexus-GenV2/config.json");
        NexusGenException none = await Assert.ThrowsAnyAsync<NexusGenException>(() => RunAsync("q8_0"));
        Assert.Contains("config.json", none.Message);
    }

    private async Task<long> RunAsync(string type)
    {
        using var hub = new ModelHub(_hub.Settings);
        var pull = new ConvertingPull(hub, _folder["models"], StorageType.Find(type, "")!);
        await pull.PlanAsync(
            [new PullRequest { Repository = HubRepository.Parse("org/name"), Folder = _folder["models"] }],
            CancellationToken.None);
        await pull.RunAsync(null, null, CancellationToken.None);
        return pull.PeakBytes;
    }
}
