using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>
/// Takes image embeddings to the width of FLUX's text context: Linear–LayerNorm–ReLU–Linear–LayerNorm. Names as in
/// <c>generation_decoder.bin</c> below <c>adapter.</c>.
/// </summary>
public sealed class GenerationAdapter : Module
{
    private const double Epsilon = 1e-5;

    private readonly Linear _in;
    private readonly LayerNorm _innerNorm;
    private readonly Linear _out;
    private readonly LayerNorm _outerNorm;

    /// <summary>Loads the adapter.</summary>
    /// <param name="source">Its place.</param>
    /// <param name="inWidth">Width of an embedding.</param>
    /// <param name="outWidth">Width of the context.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public GenerationAdapter(WeightSource source, int inWidth, int outWidth)
        : base(source)
    {
        _in = Own(new Linear(source["0"], inWidth, outWidth));
        _innerNorm = Own(new LayerNorm(source["1"], outWidth, Epsilon));
        _out = Own(new Linear(source["3"], outWidth, outWidth));
        _outerNorm = Own(new LayerNorm(source["4"], outWidth, Epsilon));
    }

    /// <summary>Width of the context.</summary>
    public long OutWidth => _out.OutFeatures;

    /// <summary>The context of embeddings.</summary>
    /// <param name="embeddings">[batch, tokens, in width].</param>
    /// <returns>[batch, tokens, out width].</returns>
    public Tensor Forward(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return _outerNorm.Forward(_out.Forward(_innerNorm.Forward(_in.Forward(embeddings)).relu())).MoveToOuterDisposeScope();
    }
}
