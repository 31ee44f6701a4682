using NexusGen.Model;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>The empty prompt is computed once; T5 is opened only for a prompt with words.</summary>
public sealed class PromptEncoderTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly ModelCopy _model = new();

    public void Dispose()
    {
        _model.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void TheSecondTimeNoEncoderIsOpened()
    {
        PromptEmbeddings first = Encode("");
        Assert.True(File.Exists(_model.Paths.EmptyPrompt));
        DateTime written = File.GetLastWriteTimeUtc(_model.Paths.EmptyPrompt);
        Break(_model.Paths.Clip);
        Break(_model.Paths.T5);
        Same(first, Encode(""));
        Assert.Equal(written, File.GetLastWriteTimeUtc(_model.Paths.EmptyPrompt));
        Assert.Throws<WeightFileException>(() => Encode("blurry"));
    }

    [Fact]
    public void WhatIsStoredIsWhatIsComputed()
    {
        PromptEmbeddings first = Encode(""), stored = Encode("");
        using var files = new ModelFiles(_model.Paths);
        using PromptEmbeddings computed = new PromptEncoder(files, _ => LoadOptions.Reference).Compute("");
        Same(computed, first);
        Same(computed, stored);
        Assert.Equal([1, 32], stored.Pooled.shape);
        Assert.Equal([1, 512, 96], stored.Context.shape);
        Assert.False(Encode("blurry").Context.allclose(stored.Context));
        using var condition = stored.ToCondition(NexusGen.Torch.Placement.Reference);
        Assert.Equal([1, 512, 3], condition.TextIds.shape);
    }

    [Theory]
    [InlineData("text_encoder", true)]
    [InlineData("text_encoder_2", true)]
    [InlineData("text_encoder_2", false)]
    public void AModelMayShipTheStoredPairInsteadOfTheEncoders(string folder, bool whole)
    {
        PromptEmbeddings first = Encode("");
        string path = Path.Combine(_model.Paths.Flux, folder);
        Assert.All(Directory.GetFiles(path, whole ? "*" : "*.safetensors"), File.Delete);
        if (whole)
        {
            Directory.Delete(path);
        }

        Same(first, Encode("", new(new(CPU, ScalarType.BFloat16))));
        string message = Assert.Throws<NexusGenException>(() => Encode("blurry")).Message;
        Assert.Contains("has no text encoders", message);
        Assert.EndsWith("so it knows only the empty negative prompt.", message);
        File.Delete(_model.Paths.EmptyPrompt);
        message = Assert.Throws<NexusGenException>(() => Encode("")).Message;
        Assert.Contains(_model.Paths.EmptyPrompt, message);
        Assert.DoesNotContain("knows only", message);
    }

    [Fact]
    public void AnotherPrecisionOrOtherEncodersComputeAnew()
    {
        using PromptEmbeddings exact = Encode(""), rough = Encode("", new(new(CPU, ScalarType.BFloat16))), again = Encode("");
        Assert.Equal(ScalarType.BFloat16, rough.Context.dtype);
        Assert.Equal(ScalarType.Float32, again.Context.dtype);
        Same(exact, again);
        string clip = Path.GetRelativePath(_model.Path, Path.Combine(_model.Paths.Clip, "model.safetensors"));
        _model.Rewrite(clip, clip, (name, value) => name.EndsWith("final_layer_norm.bias", StringComparison.Ordinal) ? value + 1 : value);
        Assert.True((exact.Pooled + 1).allclose(Encode("").Pooled, 1e-2, 1e-2));
    }

    [Fact]
    public void WhereTheFolderCanNotBeWrittenTheCacheFolderServes()
    {
        // A folder in the place of the file: unwritable for everyone, even for root.
        Directory.CreateDirectory(_model.Paths.EmptyPrompt);
        string cache = _model["cache/deep"];
        PromptEmbeddings first = Encode("", null, cache);
        string file = Assert.Single(Directory.GetFiles(cache));
        Assert.Matches("^empty-prompt-[0-9A-F]{16}\\.safetensors$", Path.GetFileName(file));
        Break(_model.Paths.T5);
        Same(first, Encode("", null, cache));
        Assert.Throws<WeightFileException>(() => Encode(""));
        Assert.Throws<WeightFileException>(() => Encode("", new(new(CPU, ScalarType.BFloat16)), cache));
    }

    [Fact]
    public void WhereNothingCanBeWrittenItIsComputedEachTime()
    {
        Directory.CreateDirectory(_model.Paths.EmptyPrompt);
        File.WriteAllText(_model["file"], "");
        Same(Encode("", null, _model["file"]), Encode(""));
        Assert.Empty(Directory.GetFileSystemEntries(_model.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void AStoredPairThatIsDamagedOrDoesNotFitIsComputedAnew()
    {
        PromptEmbeddings first = Encode("");
        File.WriteAllBytes(_model.Paths.EmptyPrompt, [1, 2, 3]);
        Same(first, Encode(""));
        _model.Rewrite("empty-prompt.safetensors", "empty-prompt.safetensors", (name, value) => name == "pooled" ? value.narrow(1, 0, 5) : value);
        Same(first, Encode(""));
        _model.Rewrite("empty-prompt.safetensors", "empty-prompt.safetensors", (name, value) => name == "pooled" ? null : value);
        Same(first, Encode(""));
    }

    private PromptEmbeddings Encode(string text, LoadOptions? options = null, string? cache = null)
    {
        using var files = new ModelFiles(_model.Paths);
        return new PromptEncoder(files, _ => options ?? LoadOptions.Reference, cache).Encode(text);
    }

    private static void Same(PromptEmbeddings expected, PromptEmbeddings actual)
    {
        Assert.True(expected.Pooled.eq(actual.Pooled).all().item<bool>());
        Assert.True(expected.Context.eq(actual.Context).all().item<bool>());
    }

    // Other bytes of the same length and time: whoever opens a file finds no weights in it.
    private static void Break(string folder)
    {
        foreach (FileInfo file in new DirectoryInfo(folder).GetFiles("*.safetensors"))
        {
            (DateTime time, long length) = (file.LastWriteTimeUtc, file.Length);
            File.WriteAllBytes(file.FullName, new byte[length]);
            File.SetLastWriteTimeUtc(file.FullName, time);
        }
    }
}
