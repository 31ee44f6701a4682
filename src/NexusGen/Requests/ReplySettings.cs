using NexusGen.Autoregressive;

namespace NexusGen.Requests;

/// <summary>How a reply is written. What is null takes the model's default (generation_config.json).</summary>
public sealed record ReplySettings
{
    /// <summary>The longest reply, in tokens; the tokens of drawn pictures count, but a picture is always finished.</summary>
    public int MaxNewTokens { get; init; } = 1024;

    /// <summary>Sampling temperature; 0 always takes the likeliest token.</summary>
    public double? Temperature { get; init; }

    /// <summary>Only the k likeliest tokens are drawn from; 0 for all.</summary>
    public int? TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability are drawn from; 1 for all.</summary>
    public double? TopP { get; init; }

    /// <summary>Tokens that stand in prompt or reply become less likely by this factor; 1 for none.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Seed of the sampling.</summary>
    public ulong Seed { get; init; }

    /// <summary>Texts that end the reply where they appear.</summary>
    public IReadOnlyList<string> StopSequences { get; init; } = [];

    /// <summary>Begin the reply with a picture, whatever the model would have said.</summary>
    public bool ForceDrawing { get; init; }

    /// <summary>How the positions after a drawn picture are counted; the model's default where null.</summary>
    public PositionMode? Positions { get; init; }
}
