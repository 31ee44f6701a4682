using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Verification;
using static TorchSharp.torch;

namespace NexusGen.Tests.Verification;

/// <summary>
/// Tests that a verifier fails changed expectations and reports where. A verifier that only ever passes proves nothing.
/// </summary>
public class VerifierTests
{
    [Theory]
    [InlineData("schedule/4-1.0", "sigmas", 3e-6)]
    [InlineData("noise/42-1x16x8x8", "values", 1e-6)]
    [InlineData("sampling/top-k", "probabilities", 1e-5)]
    [InlineData("autoencoder/decode", "image", 2e-5)]
    [InlineData("language-model/text", "last_logits", 2e-5)]
    [InlineData("embedding-merger/target-only", "context", 2e-5)]
    [InlineData("generate/draw-at-once", "image_embeddings", 2e-5)]
    public void AFloatBeyondTheToleranceFailsAndOneWithinPasses(string name, string tensor, double relative)
    {
        using var folder = new CaseFolder(name);
        CaseResult Altered(double share)
        {
            folder.Tensors(name, (full, value) => full == $"expected.{tensor}" ? Add(value, share * relative) : value);
            return Assert.Single(folder.Verify());
        }

        CaseResult within = Altered(0.2);
        Assert.True(within.Verdict == Verdict.Passed, within.ToString());
        Assert.NotEqual(0, within.Error);
        CaseResult beyond = Altered(5);
        Assert.Equal(Verdict.Failed, beyond.Verdict);
        Assert.Matches(
            $"^FAIL {name} [0-9]\\.[0-9]e-[0-9]+ \\({tensor}, at \\[[0-9, ]+\\]: \\S+ instead of \\S+\\)$",
            beyond.ToString());
    }

    [Theory]
    [InlineData("generate/draw-at-once", "generated_ids")]
    [InlineData("rope-index/two-images", "position_ids")]
    [InlineData("clip/1", "input_ids")]
    public void AnIntegerIsExact(string name, string tensor)
    {
        using var folder = new CaseFolder(name);
        folder.Tensors(name, (full, value) => full == $"expected.{tensor}" ? AddLast(value, 1) : value);
        Assert.StartsWith($"FAIL {name} ", Assert.Single(folder.Verify()).ToString());
        Assert.Contains($"({tensor}, at ", Assert.Single(folder.Verify()).ToString());
    }

    [Theory]
    [InlineData("pipeline-understand/wide", "text")]
    [InlineData("generate/draw-en", "plain_text")]
    [InlineData("chat-template/system", "text")]
    public void ATextIsExact(string name, string value)
    {
        using var folder = new CaseFolder(name);
        folder.Json(name, json => json["expected"]![value] = (string)json["expected"]![value]! + " ");
        Assert.Matches($"^FAIL {name} \\S+ \\({value}, .+ instead of .* \".*\\)$", Assert.Single(folder.Verify()).ToString());
    }

    [Fact]
    public void APlainIntegerIsExactAndAPlainNumberIsNot()
    {
        const string name = "add-noise/357";
        using var folder = new CaseFolder(name, "decode-editing/tea-cache");
        folder.Json(name, json => json["expected"]!["weight"] = (double)json["expected"]!["weight"]! * (1 + 1e-7));
        folder.Json(
            "decode-editing/tea-cache",
            json => json["expected"]!["computed_steps"] = (int)json["expected"]!["computed_steps"]! + 1);
        IReadOnlyList<CaseResult> results = folder.Verify();
        Assert.Equal([Verdict.Passed, Verdict.Failed], results.Select(result => result.Verdict));
        Assert.StartsWith("computed_steps, ", results[1].Reason);
        folder.Json(name, json => json["expected"]!["weight"] = (double)json["expected"]!["weight"]! * 1.01);
        Assert.StartsWith("weight, ", folder.Verify()[0].Reason);
    }

    [Theory]
    [InlineData("resize/wide-112x112-bilinear", 1, 1, false)]
    [InlineData("image-read/photo-webp", 1, 1, false)]
    [InlineData("decode-generation/no-cfg", 1, 1, true)]
    [InlineData("decode-generation/no-cfg", 1, 10, true)]
    [InlineData("decode-generation/no-cfg", 2, 1, false)]
    [InlineData("decode-generation/no-cfg", 1, 1000, false)]
    public void APixelIsComparedByLevels(string name, int levels, int count, bool passes)
    {
        using var folder = new CaseFolder(name);
        string file = Path.Combine(folder[name], "expected.image.png");
        RgbImage image = ImageFile.Read(file);
        byte[] pixels = image.Pixels.ToArray();
        for (int i = 0; i < count; i++)
        {
            // Away from the ends of the range of values, so that both signs are possible.
            int place = i * 7;
            pixels[place] = (byte)(pixels[place] < 128 ? pixels[place] + levels : pixels[place] - levels);
        }

        ImageFile.Write(file, RgbImage.FromBytes(pixels, image.Width, image.Height));
        CaseResult result = Assert.Single(folder.Verify());
        Assert.True(result.Verdict == (passes ? Verdict.Passed : Verdict.Failed), result.ToString());
        Assert.Equal(!passes, result.Reason.StartsWith("image, ", StringComparison.Ordinal));
    }

    [Fact]
    public void OtherShapesAndSizesFail()
    {
        using var folder = new CaseFolder("schedule/4-1.0", "resize/wide-112x112-bilinear");
        folder.Tensors("schedule/4-1.0", (_, value) => value.narrow(0, 0, 3));
        string picture = Path.Combine(folder["resize/wide-112x112-bilinear"], "expected.image.png");
        ImageFile.Write(picture, ImageFile.Read(picture).Crop(0, 0, 112, 111));
        IReadOnlyList<CaseResult> results = folder.Verify();
        Assert.Contains("image, 112×112 instead of 112×111", results[0].Reason);
        Assert.Contains("shape [4] instead of [3]", results[1].Reason);
    }

    [Fact]
    public void AnExpectationThatIsNotComputedFails()
    {
        using var folder = new CaseFolder("schedule/4-1.0", "chat-template/system", "resize/wide-112x112-bilinear");
        folder.Tensors("schedule/4-1.0", (name, value) => value)
            .Json("chat-template/system", json => json["expected"]!["more"] = "words");
        folder.Json("resize/wide-112x112-bilinear", json => json["expected"]!["other"] = "expected.image.png");
        string tensors = Path.Combine(folder["schedule/4-1.0"], "tensors.safetensors");
        NexusGen.Weights.Files.Safetensors.SafetensorsWriter.Write(tensors, [("expected.gammas", ones(2))]);
        Assert.Equal(
            ["more, was not computed", "other, was not computed", "gammas, was not computed"],
            folder.Verify().Select(result => result.Reason));
    }

    [Fact]
    public void AnUnknownKindFails()
    {
        using var folder = new CaseFolder("schedule/4-1.0");
        Directory.Move(folder["schedule"], folder["timetable"]);
        CaseResult result = Assert.Single(folder.Verify());
        Assert.Equal(Verdict.Failed, result.Verdict);
        Assert.Equal("FAIL timetable/4-1.0 Infinity (a kind that is not known here)", result.ToString());
    }

    [Theory]
    [InlineData("{", "can't be read as a case")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("{\"input\":{}}", "has no input steps")]
    [InlineData("{\"input\":{\"steps\":\"four\"}}", "")]
    [InlineData("{\"input\":{\"steps\":4},\"tolerance\":\"close\"}", "tolerance")]
    public void ABrokenCaseFailsAndTheOthersGoOn(string json, string why)
    {
        using var folder = new CaseFolder("schedule/4-1.0", "schedule/50-1.0");
        File.WriteAllText(Path.Combine(folder["schedule/4-1.0"], "case.json"), json);
        IReadOnlyList<CaseResult> results = folder.Verify();
        Assert.Equal([Verdict.Failed, Verdict.Passed], results.Select(result => result.Verdict));
        Assert.Contains(why, results[0].Reason);
        Assert.DoesNotContain('\n', results[0].ToString());
    }

    [Fact]
    public void AFolderWithoutCasesIsOneSentence()
    {
        using var empty = new TemporaryFolder();
        foreach (string path in (string[])[empty.Path, empty["none"]])
        {
            var error = Assert.Throws<NexusGenException>(() => new Verifier(new VerifierOptions()).Verify(path).ToList());
            Assert.Equal($"{path} holds no cases: expected cases/KIND/NAME/case.json below it.", error.Message);
        }
    }

    private static Tensor Add(Tensor values, double share)
    {
        Tensor changed = values.clone();
        changed.view(-1)[values.NumberOfElements / 2] += share * values.abs().max().item<float>();
        return changed;
    }

    private static Tensor AddLast(Tensor values, long change)
    {
        Tensor changed = values.clone();
        changed.view(-1)[values.NumberOfElements - 1] += change;
        return changed;
    }
}
