using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Training.Lora;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>The settings of a LoRA's training.</summary>
public sealed class LoraSectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFiles _files = new(ModelPaths.Find(ReferenceFolder.TinyModel));

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("a_to_qkv", 1, 0)]
    [InlineData("blocks.0.attn.*", 4, 0)]
    [InlineData("double_blocks.0.img_attn.qkv", 1, 0)]
    [InlineData("single_blocks.*.proj_out", 0, 1)]
    [InlineData("x_embedder", 0, 0, 1)]
    public void TargetsAreOfficialNames(string target, int doubles, int singles, int others = 0)
    {
        string[] found =
        [
            .. LoraLayers.OfFlux(new LoraTargets(_files).GenerationDecoder).Find([target]).Select(layer => layer.Path),
        ];
        int blocks = _files.Configuration.Flux.DepthSingleBlocks;
        Assert.Equal(doubles, found.Count(path => path.StartsWith("double_blocks.0.", StringComparison.Ordinal)));
        Assert.Equal(singles * blocks, found.Count(path => path.StartsWith("single_blocks.", StringComparison.Ordinal)));
        Assert.Equal(others, found.Count(path => !path.Contains("blocks.", StringComparison.Ordinal)));
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "lora.rank=0", "rank must be at least 1" },
        { "lora.dropout=1", "dropout must be" },
        { "lora.alpha=-1", "alpha must be above 0" },
        { "lora.format=peft", "lora.format must be diffsynth or diffusers or kohya" },
        { "lora.memory_budget=1", "requires gradient_checkpointing" },
        { "lora={rank: 2, from: x.safetensors}", "leave out rank" },
        { "lora={targets: [to_q]}", "no linear layer of the component is named to_q" },
        { "lora={from: nothing.safetensors}", "nothing.safetensors" },
        { "lora={ranks: 2}", "did you mean rank" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatCannotBeIsRefused(string change, string message)
    {
        using (NewDisposeScope())
        {
            PreparedFolder.Write(_folder["prepared"], zeros([1, 81, 64]), null, zeros([1, 16, 4, 4]));
        }

        var request = new StageRequest
        {
            Model = ModelPaths.Find(ReferenceFolder.TinyModel),
            Folder = _folder["run"],
            Changes = [change, $"data=[{{path: '{_folder["prepared"]}'}}]", "steps=1"],
        };
        NexusGenException error = Assert.ThrowsAny<NexusGenException>(() => new DecoderStage(false).Run(request));
        Assert.Contains(message, error.Message);
    }
}
