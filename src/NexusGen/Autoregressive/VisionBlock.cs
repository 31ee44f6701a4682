using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>One block of the vision encoder: attention within segments of patches, then a SwiGLU feed-forward layer.</summary>
internal sealed class VisionBlock : Module
{
    private const double Epsilon = 1e-6;

    private readonly int _heads;
    private readonly RmsNorm _norm1;
    private readonly RmsNorm _norm2;
    private readonly Linear _qkv;
    private readonly Linear _projection;
    private readonly GatedMlp _mlp;

    public VisionBlock(WeightSource source, VisionConfiguration c)
        : base(source)
    {
        _heads = c.NumHeads;
        _norm1 = Own(new RmsNorm(source["norm1"], c.HiddenSize, Epsilon));
        _norm2 = Own(new RmsNorm(source["norm2"], c.HiddenSize, Epsilon));
        _qkv = Own(new Linear(source["attn.qkv"], c.HiddenSize, 3 * c.HiddenSize));
        _projection = Own(new Linear(source["attn.proj"], c.HiddenSize, c.HiddenSize));
        _mlp = Own(new GatedMlp(source["mlp"], c.HiddenSize, c.IntermediateSize, bias: true));
    }

    /// <summary>Computes the output of the block.</summary>
    /// <param name="states">The hidden states, [patches, width].</param>
    /// <param name="cos">The cosines of the rotary angles, [1, patches, 1, head width].</param>
    /// <param name="sin">The sines of the rotary angles, in the same shape.</param>
    /// <param name="segments">
    /// The segments of rows within which attention is computed, as runs of segments of the same length.
    /// </param>
    /// <returns>[patches, width].</returns>
    public Tensor Forward(Tensor states, Tensor cos, Tensor sin, IReadOnlyList<(long Count, long Length)> segments)
    {
        using var scope = NewDisposeScope();
        states = states.Plus(_projection.Forward(Attend(_qkv.Forward(_norm1.Forward(states)), cos, sin, segments)));
        return states.Plus(_mlp.Forward(_norm2.Forward(states))).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor qkv, Tensor cos, Tensor sin, IReadOnlyList<(long Count, long Length)> segments)
    {
        long patches = qkv.shape[0];
        Tensor[] parts = qkv.view(1, patches, 3, _heads, -1).unbind(2);
        Tensor q = RotaryEmbedding.Rotate(parts[0], cos, sin)[0],
            k = RotaryEmbedding.Rotate(parts[1], cos, sin)[0],
            v = parts[2][0];
        List<Tensor> outputs = [];
        long first = 0;
        foreach ((long count, long length) in segments)
        {
            Tensor Stretch(Tensor x) => x.narrow(0, first, count * length).view(count, length, _heads, -1).transpose(1, 2);
            outputs.Add(Ops.Attention(Stretch(q), Stretch(k), Stretch(v)).transpose(1, 2).reshape(count * length, -1));
            first += count * length;
        }

        return outputs.Count == 1 ? outputs[0] : cat(outputs, 0);
    }
}
