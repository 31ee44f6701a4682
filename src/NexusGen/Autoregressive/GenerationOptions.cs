using NexusGen.Imaging;

namespace NexusGen.Autoregressive;

/// <summary>How one reply is written.</summary>
internal sealed record GenerationOptions
{
    /// <summary>The longest reply in tokens, image tokens included; a picture is always finished.</summary>
    public int MaxNewTokens { get; init; } = 1024;

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The tokens that end the reply.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The grid of a drawn picture, in patches.</summary>
    public GridThw ImageGrid { get; init; } = new(1, 18, 18);

    /// <summary>How positions go on after a drawn picture.</summary>
    public PositionMode Positions { get; init; } = PositionMode.Reference;

    /// <summary>
    /// Draw by plain autoregression, each predicted embedding being the next input, for a model that was trained so; officially
    /// and otherwise the inputs are learned ones.
    /// </summary>
    public bool Plain { get; init; }

    /// <summary>Begin with a picture.</summary>
    public bool ForceImage { get; init; }

    /// <summary>Looks at the reply after each token of text and says whether to stop; never where null.</summary>
    public Func<IReadOnlyList<int>, bool>? StopWhen { get; init; }
}
