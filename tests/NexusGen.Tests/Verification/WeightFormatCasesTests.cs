using System.Text.Json.Nodes;
using NexusGen.Verification;

namespace NexusGen.Tests.Verification;

/// <summary>Weight files of other tools, against the values that the tools' own code gives.</summary>
public sealed class WeightFormatCasesTests
{
    private static readonly string Root = Path.Combine(ReferenceFolder.Path, "formats");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AllCasesPass(bool map)
    {
        CaseResult[] results = Run(Root, new VerifierOptions { Kinds = [CaseKinds.WeightFormats], MapWeights = map });

        Assert.Equal(20, results.Length);
        Assert.All(results, result => Assert.StartsWith("PASS ", result.ToString()));
    }

    [Fact]
    public void ResultsAreWrittenThoughTheExpectedValuesWereRemoved()
    {
        using var folder = new TemporaryFolder();
        string target = Copy(folder, "awq-weights/qwen2.5-gemm"), file = Path.Combine(target, "case.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        json.Remove("expected");
        json.Remove("tensors");
        File.WriteAllText(file, json.ToJsonString());
        File.Delete(Path.Combine(target, "tensors.safetensors"));

        Run(folder.Path, new VerifierOptions { WriteTo = folder["out"] });

        using NexusGen.Weights.ITensorStore written =
            NexusGen.Weights.Stores.TensorStore.Open(folder["out/awq-weights/qwen2.5-gemm/tensors.safetensors"]);
        Assert.Equal([64L, 64L], written.Entries["output.model.layers.0.self_attn.q_proj.weight"].Shape.ToArray());
    }

    [Fact]
    public void ARefusalIsAResult()
    {
        using var folder = new TemporaryFolder();
        Copy(folder, "gguf-dequantize/rare");

        CaseResult result = Assert.Single(Run(folder.Path, new VerifierOptions { WriteTo = folder["out"] }));

        Assert.Equal(Verdict.Passed, result.Verdict);
        JsonNode output = JsonNode.Parse(File.ReadAllText(folder["out/gguf-dequantize/rare/output.json"]))!;
        Assert.True(output["refused"]!.GetValue<bool>());
        Assert.Contains("IQ2_XXS", output["message"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("may_refuse", "another type")]
    [InlineData("sha256", "0000")]
    public void OtherRefusalsAndOtherValuesFail(string changed, string value)
    {
        using var folder = new TemporaryFolder();
        bool refusal = changed == "may_refuse";
        string target = Copy(folder, refusal ? "gguf-dequantize/rare" : "nf4-weights/qwen-fp4");
        string file = Path.Combine(target, "case.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        if (refusal)
        {
            json[changed] = new JsonArray(value);
        }
        else
        {
            json["expected"]!["sha256"]!["model.layers.0.self_attn.o_proj.weight"]!["sha256"] = value;
        }

        File.WriteAllText(file, json.ToJsonString());

        Assert.Equal(Verdict.Failed, Assert.Single(Run(folder.Path, new VerifierOptions())).Verdict);
    }

    private static CaseResult[] Run(string root, VerifierOptions options) =>
        [.. new Verifier(options).Verify(root).Where(result => CaseKinds.WeightFormats.Names.Contains(result.Kind))];

    private static string Copy(TemporaryFolder folder, string name)
    {
        string from = Path.Combine(Root, "cases", name), to = folder["cases/" + name];
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        return to;
    }
}
