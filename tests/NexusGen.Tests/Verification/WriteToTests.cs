using System.Text.Json.Nodes;
using NexusGen.Imaging;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Verification;

/// <summary>Tests that the results that a verifier writes can be read and compared with the expected ones.</summary>
public class WriteToTests
{
    // At least one case of each kind of inference, and two of training.
    private static readonly string[] Cases =
    [
        "add-noise/357", "autoencoder/decode", "autoencoder/encode", "chat-template/system", "clip/1", "cover-crop/wide-64",
        "decode-editing/tea-cache", "decode-generation/negative-prompt", "decoder-data/edit", "decoder-data/generation",
        "embedding-merger/target-and-source", "flux-transformer/editing", "generate/draw-en", "generation-adapter/random",
        "image-processor/room", "image-processor/two-fixed", "image-read/alpha-png", "language-model/image-and-padding",
        "noise/42-1x16x8x8",
        "pipeline-edit/editing-decoder", "pipeline-generate/en", "pipeline-understand/wide", "resize/mini-64x70-bicubic",
        "rope-index/batch-left", "sampling/all", "schedule/4-1.0", "schedule/training", "smart-resize/table", "t5/1",
        "tokenizer/qwen2.5",
        "vision-encoder/one-wide",
    ];

    [Fact]
    public void WithoutExpectationsTheSameIsWritten()
    {
        using var target = new TemporaryFolder();
        using CaseFolder with = new(Cases), without = new(Cases);
        Assert.All(Cases, name => without.WithoutExpectations(name));
        string first = target["with"], second = target["without"];
        Assert.All(with.Verify(first), result => Assert.Equal(Verdict.Passed, result.Verdict));
        Assert.All(without.Verify(second), result => Assert.True(result.Verdict == Verdict.Passed, result.ToString()));

        string[] files = Files(first);
        Assert.NotEmpty(files);
        Assert.Equal(files, Files(second));
        Assert.All(files, file => Assert.True(
            File.ReadAllBytes(Path.Combine(first, file)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(second, file))),
            file));
        Assert.Equal(
            Cases, files.Where(file => file.EndsWith("/output.json", StringComparison.Ordinal)).Select(file => file[..^12]));
    }

    [Fact]
    public void EverythingExpectedIsWrittenUnderItsName()
    {
        using var scope = NewDisposeScope();
        using var target = new TemporaryFolder();
        using var folder = new CaseFolder(Cases);
        folder.Verify(target.Path);
        foreach (string name in Cases)
        {
            string written = target[name];
            JsonObject expected =
                JsonNode.Parse(File.ReadAllText(Path.Combine(folder[name], "case.json")))!["expected"] as JsonObject ?? [];
            JsonObject output = JsonNode.Parse(File.ReadAllText(Path.Combine(written, "output.json")))!.AsObject();
            foreach ((string key, JsonNode? value) in expected)
            {
                if (value?.ToString().EndsWith(".png", StringComparison.Ordinal) == true)
                {
                    RgbImage picture = ImageFile.Read(Path.Combine(written, (string)output[key]!));
                    Assert.True(ImageComparison.Compare(
                        key,
                        picture,
                        ImageFile.Read(Path.Combine(folder[name], (string)value!)),
                        new Tolerance(null, 1)).Within);
                }
                else
                {
                    Assert.All(
                        ValueComparison.Compare(key, output[key], value, new Tolerance(1e-5, 0)),
                        deviation => Assert.True(deviation.Within, name));
                }
            }

            CompareTensors(Path.Combine(folder[name], "tensors.safetensors"), Path.Combine(written, "tensors.safetensors"));
        }
    }

    private static void CompareTensors(string expectedFile, string writtenFile)
    {
        if (!File.Exists(expectedFile))
        {
            return;
        }

        using ITensorStore expected = TensorStore.Open(expectedFile);
        string[] names = [.. expected.Entries.Keys.Where(name => name.StartsWith("expected.", StringComparison.Ordinal))];
        if (names.Length == 0)
        {
            return;
        }

        using ITensorStore written = TensorStore.Open(writtenFile);
        Assert.All(written.Entries.Keys, name => Assert.StartsWith("output.", name));
        foreach (string name in names)
        {
            TensorEntry entry = written.Entries["output." + name["expected.".Length..]];
            Assert.Equal(expected.Entries[name].Type, entry.Type);
            Assert.True(TensorComparison.Compare(
                name, written.Read(entry), expected.Read(expected.Entries[name]), new Tolerance(1e-4, 0)).Within);
        }
    }

    private static string[] Files(string folder) =>
        [
            .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)
        ];
}
