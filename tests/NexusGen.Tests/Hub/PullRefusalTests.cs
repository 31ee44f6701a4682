using NexusGen.Hub;
using NexusGen.Hub.Core;

namespace NexusGen.Tests.Hub;

/// <summary>What is refused when files are fetched from a hub.</summary>
public sealed class PullRefusalTests
{
    private const int Length = 3_000_000;

    [Fact]
    public async Task AFileThatIsNotTheAnnouncedOneGetsNoName()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        fake.Add("model.safetensors", Length);
        using var hub = new ModelHub(fake.Settings);
        PullPlan plan = await hub.PlanAsync([Everything(folder.Path)]);
        byte[] true1 = fake.Files["model.safetensors"];
        foreach (int change in (int[])[0, 1])
        {
            byte[] other = [.. true1, .. new byte[change]];
            other[1000] ^= 1;
            fake.Files["model.safetensors"] = other;
            HubException wrong = await Assert.ThrowsAsync<HubException>(() => hub.PullAsync(plan));
            Assert.Contains(change == 0 ? "checksum" : "more than", wrong.Message);
            Assert.Contains("model.safetensors", wrong.Message);
            Assert.Empty(folder.Files);
            Assert.Empty(Directory.GetFiles(Path.Combine(fake.Cache, "blobs")));
        }

        fake.Files["model.safetensors"] = true1;
        await hub.PullAsync(plan);
        Assert.Equal(true1, File.ReadAllBytes(folder["model.safetensors"]));

        // A file of one's own is not replaced.
        using var own = new TemporaryFolder();
        File.WriteAllText(own["model.safetensors"], "mine");
        HubException exists = await Assert.ThrowsAsync<HubException>(() => hub.PlanAsync([Everything(own.Path)]));
        Assert.Contains(own["model.safetensors"], exists.Message);
        Assert.Equal("mine", File.ReadAllText(own["model.safetensors"]));
        File.WriteAllBytes(own["model.safetensors"], true1);
        Assert.Equal(PullState.Present, (await hub.PlanAsync([Everything(own.Path)])).Files[0].State);
    }

    [Fact]
    public async Task RefusalsSayWhatToDo()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        fake.Add("model.safetensors", 10);
        (int Status, string? Code) refusal = (401, "GatedRepo");
        fake.OnRequest = context =>
        {
            context.Response.StatusCode = refusal.Status;
            context.Response.Headers["X-Error-Code"] = refusal.Code;
            return true;
        };
        async Task<string> RefusedAsync(string? token)
        {
            using var hub = new ModelHub(fake.Settings with { HuggingFaceToken = token });
            return (await Assert.ThrowsAsync<HubException>(() => hub.PlanAsync([Everything(folder.Path)]))).Message;
        }

        Assert.Contains("HF_TOKEN", await RefusedAsync(null));
        Assert.Contains($"{fake.Address}org/name", await RefusedAsync(null));
        refusal = (403, "GatedRepo");
        Assert.Contains("may not fetch", await RefusedAsync("hf_x"));
        refusal = (404, "RevisionNotFound");
        Assert.Contains("no revision main", await RefusedAsync(null));
        refusal = (404, null);
        Assert.Contains("check the name", await RefusedAsync(null));
        Assert.DoesNotContain(fake.Requests, request => request.Path.Contains("hf_x", StringComparison.Ordinal));

        fake.OnRequest = _ => false;
        using var hub = new ModelHub(fake.Settings);
        HubException missing = await Assert.ThrowsAsync<HubException>(() => hub.PlanAsync([
            Everything(folder.Path) with { Include = ["*.gguf"] }
        ]));
        Assert.Contains("*.gguf", missing.Message);
        Assert.Contains("model.safetensors", missing.Message);
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData("c:\\x")]
    [InlineData("con\u0001trol")]
    public async Task NamesThatLeadOutOfTheFolderAreRefused(string path)
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        fake.Add(path, 10);
        using var hub = new ModelHub(fake.Settings);
        foreach (HubSite site in (HubSite[])[HubSite.HuggingFace, HubSite.ModelScope])
        {
            HubException refused = await Assert.ThrowsAsync<HubException>(
                () => hub.PlanAsync([Everything(folder.Path) with { Site = site }]));
            Assert.Contains("refused", refused.Message);
            Assert.DoesNotContain(refused.Message, char.IsControl);
        }
    }

    [Fact]
    public async Task AMachineWithoutRoomIsToldBeforeAnythingIsFetched()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        using var folder = new TemporaryFolder();
        fake.Add("model.safetensors", 10);
        using var hub = new ModelHub(fake.Settings);
        PullPlan plan = await hub.PlanAsync([Everything(folder.Path)]);
        HubException full = await Assert.ThrowsAsync<HubException>(() => hub.PullAsync(plan with { BytesFree = 5 }));
        Assert.Contains("room", full.Message);
        Assert.DoesNotContain(fake.Requests, request => IsLarge(request.Path));
    }

    private static bool IsLarge(string path) => path.StartsWith("/large", StringComparison.Ordinal);

    private static PullRequest Everything(string folder) =>
        new() { Repository = HubRepository.Parse("org/name"), Folder = folder };
}
