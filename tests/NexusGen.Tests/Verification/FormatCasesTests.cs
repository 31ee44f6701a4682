using System.Text.Json.Nodes;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Stores;

namespace NexusGen.Tests.Verification;

/// <summary>Tests the files of other tools against what those tools' own code makes of them.</summary>
public sealed class FormatCasesTests(FormatCasesTests.Results results) : IClassFixture<FormatCasesTests.Results>
{
    private static readonly string Folder = Path.Combine(ReferenceFolder.Path, "formats");

    public static TheoryData<string> Cases => [.. Verifier.Find(Folder)
        .Select(folder => Path.GetRelativePath(Path.Combine(Folder, "cases"), folder).Replace('\\', '/'))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheToolsCode(string name) =>
        Assert.Matches($"^PASS {name} [0-9]\\.[0-9]e-?[0-9]+$", results.All[name].ToString());

    [Fact]
    public void TheLoraCasesAreAllThere() =>
        Assert.Equal((18, 11), (
            results.All.Keys.Count(name => name.StartsWith("lora-delta/", StringComparison.Ordinal)),
            results.All.Keys.Count(name => name.StartsWith("lora-refused/", StringComparison.Ordinal))));

    [Fact]
    public void RefusalsAndChangesAreWritten()
    {
        JsonObject refused = JsonNode.Parse(File.ReadAllText(results.Written["lora-refused/lokr/output.json"]))!.AsObject();
        Assert.True(refused["refused"]!.GetValue<bool>());
        Assert.Contains("lokr_w1", refused["message"]!.GetValue<string>(), StringComparison.Ordinal);
        using ITensorStore changes = TensorStore.Open(results.Written["lora-delta/diffusers-alpha/tensors.safetensors"]);
        Assert.Equal(
            [
                "output.blocks.1.attn.a_to_qkv.weight", "output.final_norm_out.linear.weight",
                "output.single_blocks.0.proj_out.weight",
            ],
            changes.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.All(changes.Entries.Values, entry => Assert.Equal(TorchSharp.torch.ScalarType.Float32, entry.Type));
    }

    // What is written doesn't depend on the expected values, and a wrong one fails.
    [Fact]
    public void WithoutExpectationsTheSameIsWrittenAndWrongOnesFail()
    {
        using var folder = new TemporaryFolder();
        string own = folder["formats"], written = folder["written"];
        Copy("lora-delta/qwen-peft", own);
        Copy("lora-refused/lokr", own);
        foreach (string name in (string[])["lora-delta/qwen-peft", "lora-refused/lokr"])
        {
            string file = Path.Combine(own, "cases", name, "case.json");
            JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            json.Remove("expected");
            File.WriteAllText(file, json.ToJsonString());
            File.Delete(Path.Combine(own, "cases", name, "tensors.safetensors"));
        }

        Copy("lora-delta/dora", own);
        Copy("lora-refused/loha", own);
        string dora = Path.Combine(own, "cases/lora-delta/dora/case.json"),
            loha = Path.Combine(own, "cases/lora-refused/loha/case.json");
        File.WriteAllText(dora, File.ReadAllText(dora).Replace("2e-05", "1e-12", StringComparison.Ordinal));
        File.WriteAllText(loha, File.ReadAllText(loha).Replace("loha", "another", StringComparison.Ordinal)
            .Replace("hada", "word", StringComparison.Ordinal));
        Dictionary<string, Verdict> verdicts =
            WritingTo(written).Verify(own).ToDictionary(result => $"{result.Kind}/{result.Name}", result => result.Verdict);
        Assert.Equal(
            (Verdict.Passed, Verdict.Passed, Verdict.Failed, Verdict.Failed),
            (verdicts["lora-delta/qwen-peft"], verdicts["lora-refused/lokr"], verdicts["lora-delta/dora"],
                verdicts["lora-refused/loha"]));
        Assert.Equal(
            File.ReadAllBytes(results.Written["lora-delta/qwen-peft/tensors.safetensors"]),
            File.ReadAllBytes(Path.Combine(written, "lora-delta/qwen-peft/tensors.safetensors")));
        Assert.True(JsonNode.Parse(File.ReadAllText(Path.Combine(written, "lora-refused/lokr/output.json")))!["refused"]!
            .GetValue<bool>());
    }

    private static Verifier WritingTo(string target) =>
        new(new VerifierOptions { WriteTo = target });

    // The models are found beside the folder, as in the reference.
    private static void Copy(string name, string to)
    {
        string from = Path.Combine(Folder, "cases", name);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, "cases", name, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        string models = Path.Combine(to, "..", "models");
        if (!Directory.Exists(models))
        {
            Directory.CreateDirectory(models);
            Directory.CreateSymbolicLink(Path.Combine(models, "tiny"), ReferenceFolder.TinyModel);
        }
    }

    /// <summary>Gets all results, which are computed once.</summary>
    public sealed class Results : IDisposable
    {
        public Results() =>
            All = WritingTo(Written.Path).Verify(Folder).ToDictionary(result => $"{result.Kind}/{result.Name}");

        internal TemporaryFolder Written { get; } = new();

        public IReadOnlyDictionary<string, CaseResult> All { get; }

        public void Dispose() => Written.Dispose();
    }
}
