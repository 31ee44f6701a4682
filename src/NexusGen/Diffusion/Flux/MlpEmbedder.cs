using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>Two linear layers with a SiLU between: how FLUX takes in timestep, guidance and pooled text.</summary>
internal sealed class MlpEmbedder : Module
{
    private readonly Linear _inLayer;
    private readonly Linear _outLayer;

    public MlpEmbedder(WeightSource source, int inDim, int hiddenSize)
        : base(source)
    {
        _inLayer = Own(new Linear(source["in_layer"], inDim, hiddenSize));
        _outLayer = Own(new Linear(source["out_layer"], hiddenSize, hiddenSize));
    }

    public Tensor Forward(Tensor x) => _outLayer.Forward(Ops.Silu(_inLayer.Forward(x)));
}
