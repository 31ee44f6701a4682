using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Tests.Diffusion;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

public sealed class FluxTextEncodersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IDisposable _inference = no_grad();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public FluxTextEncodersTests()
    {
        foreach (string file in Directory.GetFiles(TinyModel.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder.Path, "model", Path.GetRelativePath(TinyModel.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (!file.EndsWith(".bin", StringComparison.Ordinal) && Path.GetFileName(file) != "empty-prompt.safetensors")
            {
                File.Copy(file, copy);
            }
        }
    }

    private string Model => _folder["model"];

    private string Stored => Path.Combine(Model, "empty-prompt.safetensors");

    private string T5Folder => Path.Combine(Model, "FLUX", "FLUX.1-dev", "text_encoder_2");

    private string ClipFolder => Path.Combine(Model, "FLUX", "FLUX.1-dev", "text_encoder");

    [Fact]
    public void AWordIsNotTheEmptyPrompt()
    {
        PromptEmbeddings empty = Encode(""), word = Encode("blurry");
        Assert.Equal([1, 32], word.Pooled.shape);
        Assert.Equal([1, 512, 96], word.Context.shape);
        Assert.False(Same(empty, word));
        Assert.True(Same(empty, Encode("")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheEmptyPairIsStoredOnceExactlyAsComputed(bool half)
    {
        LoadOptions options = half ? TinyModel.Half : LoadOptions.Reference;
        PromptEmbeddings computed = Encode("", options);
        Assert.Equal(options.Placement.Precision, computed.Context.dtype);
        Assert.True(File.Exists(Stored));
        Spoil();
        PromptEmbeddings stored = Encode("", options);
        Assert.Equal(options.Placement.Precision, stored.Context.dtype);
        Assert.True(Same(computed, stored));
        Assert.False(Same(computed, Compute("")));
    }

    [Fact]
    public void AnotherPrecisionIsComputedAnew()
    {
        _ = Encode("", TinyModel.Half);
        Assert.Equal(ScalarType.Float32, Encode("").Context.dtype);
    }

    [Fact]
    public void AnotherStorageOfWeightsIsComputedAnew()
    {
        PromptEmbeddings dense = Encode("");
        Assert.False(Same(dense, Encode("", LoadOptions.Reference with { LinearFormat = DenseFormat.Float8 })));
    }

    [Fact]
    public void AChangedEncoderIsComputedAnew()
    {
        PromptEmbeddings before = Encode("");
        Spoil();
        File.SetLastWriteTimeUtc(Directory.GetFiles(T5Folder, "*.safetensors")[0], DateTime.UtcNow.AddMinutes(1));
        Assert.False(Same(before, Encode("")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no weights at all")]
    public void ADamagedFileIsReplaced(string content)
    {
        PromptEmbeddings expected = Encode("");
        File.WriteAllText(Stored, content);
        Assert.True(Same(expected, Encode("")));
        using ITensorStore store = TensorStore.Open(Stored);
        Assert.Equal(2, store.Entries.Count);
    }

    [Fact]
    public void WhatCanNotBeStoredBesideTheModelIsCached()
    {
        Directory.CreateDirectory(Stored);
        string cache = _folder["cache"];
        PromptEmbeddings computed = Encode("", cache: cache);
        Assert.Single(Directory.GetFiles(cache));
        Spoil();
        Assert.True(Same(computed, Encode("", cache: cache)));
        Assert.False(Same(computed, Encode("")));
    }

    [Fact]
    public void AModelMayShipTheStoredPairAlone()
    {
        PromptEmbeddings expected = Encode("");
        Directory.Delete(T5Folder, recursive: true);
        Directory.Delete(ClipFolder, recursive: true);
        Assert.True(Same(expected, Encode("")));
        Assert.True(Same(expected, Encode("", TinyModel.Half)));
        string message = Assert.Throws<NexusGenException>(() => Encode("blurry")).Message;
        Assert.Contains("supports only an empty negative prompt", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsWithoutWeightsAreNoEncoder()
    {
        PromptEmbeddings expected = Encode("");
        Assert.All(Directory.GetFiles(T5Folder, "*.safetensors"), File.Delete);
        Assert.True(Same(expected, Encode("")));
        Assert.Contains(
            "has no text encoders",
            Assert.Throws<NexusGenException>(() => Encode("blurry")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void WhereNothingCanBeWrittenThePairIsComputedEachTime()
    {
        Directory.CreateDirectory(Stored);
        File.WriteAllText(_folder["file"], "");
        Assert.True(Same(Encode("", cache: _folder["file"]), Encode("")));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*empty-prompt*", SearchOption.AllDirectories));
    }

    [Fact]
    public void AModelWithNeitherSaysWhatIsMissing()
    {
        Directory.Delete(T5Folder, recursive: true);
        Assert.Contains(
            "empty-prompt.safetensors",
            Assert.Throws<NexusGenException>(() => Encode("")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void APairOfAnotherModelIsNotTaken()
    {
        Directory.Delete(T5Folder, recursive: true);
        SafetensorsWriter.Write(Stored, [("pooled", zeros(1, 768)), ("context", zeros(1, 512, 4096))]);
        Assert.Contains(
            "belong to another model",
            Assert.Throws<NexusGenException>(() => Encode("")).Message,
            StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inference.Dispose();
        _folder.Dispose();
    }

    private static bool Same(PromptEmbeddings a, PromptEmbeddings b) =>
        a.Context.dtype == b.Context.dtype
            && a.Pooled.eq(b.Pooled).all().item<bool>()
            && a.Context.eq(b.Context).all().item<bool>();

    private PromptEmbeddings Encode(string text, LoadOptions? options = null, string? cache = null) =>
        With(options, cache, encoder => encoder.Encode(text));

    private PromptEmbeddings Compute(string text) => With(null, null, encoder => encoder.Compute(text));

    private PromptEmbeddings With(LoadOptions? options, string? cache, Func<FluxTextEncoders, PromptEmbeddings> encode)
    {
        using var files = new ModelFiles(ModelPaths.Find(Model));
        return encode(new FluxTextEncoders(files, options ?? LoadOptions.Reference, cache));
    }

    // Changes the values of T5, but neither the size nor the time of the files: anything computed from them differs.
    private void Spoil()
    {
        foreach (string file in Directory.GetFiles(T5Folder, "*.safetensors"))
        {
            DateTime time = File.GetLastWriteTimeUtc(file);
            byte[] bytes = File.ReadAllBytes(file);
            bytes.AsSpan(bytes.Length / 2).Clear();
            File.WriteAllBytes(file, bytes);
            File.SetLastWriteTimeUtc(file, time);
        }
    }
}
