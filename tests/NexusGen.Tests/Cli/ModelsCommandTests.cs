using NexusGen.Cli.Models;
using NexusGen.Core;
using NexusGen.Hub;
using NexusGen.Hub.Core;
using NexusGen.Tests.Hub;
using NexusGen.Tests.Model;

namespace NexusGen.Tests.Cli;

/// <summary>What is listed of the models on a machine, and what is removed.</summary>
public sealed class ModelsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ModelsAndTheirFaultsAreListed()
    {
        using ModelCopy whole = new(), broken = new();
        File.Delete(broken["Nexus-GenV2/model-00002-of-00002.safetensors"]);
        var inventory = new ModelInventory(Settings());

        InstalledModel found = Assert.Single(inventory.Find([whole.Path]));
        Assert.Equal(("model", whole.Path, true), (found.Kind, found.Folder, found.IsWhole));
        Assert.Contains("BF16", found.Types);
        Assert.Equal(
            Directory.GetFiles(whole.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), found.Bytes);

        found = Assert.Single(inventory.Find([broken.Path]));
        Assert.False(found.IsWhole);
        Assert.Contains("model-00002-of-00002.safetensors", found.Problems[0]);
        Assert.Throws<NexusGenException>(() => inventory.Find([_folder["none"]]));
    }

    [Fact]
    public void LooseFilesBesideModelsAreForThemselves()
    {
        using var copy = new ModelCopy();
        Directory.CreateDirectory(_folder["all"]);
        Directory.Move(copy.Path, _folder["all/tiny"]);
        Directory.CreateDirectory(copy.Path);
        File.Copy(Path.Combine(_folder["all/tiny"], "FLUX/FLUX.1-dev/ae.safetensors"), _folder["all/loose.safetensors"]);
        var inventory = new ModelInventory(Settings());

        IReadOnlyList<InstalledModel> found = inventory.Find([_folder["all"]]);
        Assert.Equal(["files", "model"], found.Select(model => model.Kind));
        inventory.Remove(found[0]);
        Assert.False(File.Exists(_folder["all/loose.safetensors"]));
        Assert.True(Assert.Single(inventory.Find([_folder["all"]])).IsWhole);
    }

    [Fact]
    public async Task CommitsInTheCacheShareTheirFiles()
    {
        await using FakeHub fake = await FakeHub.StartAsync();
        fake.Add("a.bin", 1000);
        fake.Add("b.bin", 2000);
        string link = await PullAsync(fake, "links");
        var inventory = new ModelInventory(fake.Settings);

        // Another commit that has one of the files, as another program would store it.
        string other = Path.Combine(fake.Cache, "snapshots", new string('f', 40));
        Directory.CreateDirectory(other);
        string blob = Path.Combine(fake.Cache, "blobs", fake.ChecksumOf("a.bin"));
        File.CreateSymbolicLink(Path.Combine(other, "a.bin"), blob);

        IReadOnlyList<InstalledModel> all = inventory.Find([_folder.Path]);
        InstalledModel first = Assert.Single(all, model => model.Revision == "main");
        Assert.Equal(("org/name@" + FakeHub.Commit[..12], 3000), (first.Name, first.Bytes));
        Assert.Contains("has links to its files", inventory.Refusal(first, all));

        // The folder has links only: removing it takes nothing from the cache.
        InstalledModel links = Assert.Single(all, model => model.Folder == link);
        Assert.Null(inventory.Refusal(links, all));
        inventory.Remove(links);
        Assert.False(Directory.Exists(link));
        Assert.True(File.Exists(blob));

        all = inventory.Find([_folder.Path]);
        Assert.Null(inventory.Refusal(first, all));
        inventory.Remove(first);
        Assert.True(File.Exists(Path.Combine(other, "a.bin")));
        Assert.Equal([fake.ChecksumOf("a.bin")], Directory.GetFiles(Path.Combine(fake.Cache, "blobs")).Select(Path.GetFileName));
        inventory.Remove(Assert.Single(inventory.Find([_folder.Path])));
        Assert.False(Directory.Exists(fake.Cache));
    }

    [Fact]
    public void NothingOutsideIsRemoved()
    {
        using var copy = new ModelCopy();
        string mine = _folder.Write("mine.txt", "mine");
        Directory.CreateDirectory(_folder["own"]);
        _folder.Write("own/note.txt", "mine");
        File.WriteAllText(copy["notes.txt"], "mine");
        Directory.CreateSymbolicLink(copy["Nexus-GenV2/linked"], _folder["own"]);
        File.CreateSymbolicLink(copy["Nexus-GenV2/linked.txt"], mine);
        var inventory = new ModelInventory(Settings());

        inventory.Remove(Assert.Single(inventory.Find([copy.Path])));

        Assert.True(File.Exists(mine));
        Assert.True(File.Exists(_folder["own/note.txt"]));
        Assert.True(File.Exists(copy["notes.txt"]));
        Assert.False(File.Exists(copy["Nexus-GenV2/config.json"]));
        Assert.False(Path.Exists(copy["FLUX"]));
    }

    [Fact]
    public async Task TheCommandAsksAndTheShippedModelStays()
    {
        using var copy = new ModelCopy();
        CliRun list = await CliRun.Of("models", copy.Path);
        Assert.Matches($@"(?m)^{System.Text.RegularExpressions.Regex.Escape(copy.Path)} +model .* whole *$", list.Out);

        CliRun unasked = await CliRun.Of("models", "remove", copy.Path);
        Assert.Equal(NexusGen.Cli.Core.ExitCode.InvalidUsage, unasked.Code);
        Assert.Contains("--yes", unasked.Error);
        string shipped = NexusGen.Cli.Core.ModelFinder.FindTiny();
        CliRun refused = await CliRun.Of("models", "remove", shipped, "--yes");
        Assert.Contains("ships with the program", refused.Error);
        Assert.True(File.Exists(Path.Combine(shipped, "nexus-gen.json")));

        CliRun removed = await CliRun.Of("models", "remove", copy.Path, "--yes");
        Assert.Equal("", removed.Error);
        Assert.False(Directory.Exists(copy["Nexus-GenV2"]));
        CliRun none = await CliRun.Of("models", "remove", "no-such-model", "--yes");
        Assert.Equal(NexusGen.Cli.Core.ExitCode.Failed, none.Code);
        Directory.CreateDirectory(copy.Path);
    }

    private HubSettings Settings() => new() { HuggingFaceCache = _folder["hf"], ModelScopeCache = _folder["ms"] };

    private async Task<string> PullAsync(FakeHub fake, string name)
    {
        using var hub = new ModelHub(fake.Settings);
        PullPlan plan = await hub.PlanAsync(
            [new PullRequest { Repository = HubRepository.Parse("org/name"), Folder = _folder[name] }]);
        await hub.PullAsync(plan);
        return _folder[name];
    }
}
