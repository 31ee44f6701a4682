using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen.Jobs;

/// <summary>A request as it is carried out: what is said to the model, and how its pictures are painted.</summary>
internal sealed record ReplyPlan
{
    /// <summary>The conversation.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Its pictures, in order, fitted to the model.</summary>
    public IReadOnlyList<PromptPicture> Pictures { get; init; } = [];

    /// <summary>How the reply is written.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>How its pictures are painted, with nothing left open.</summary>
    public required PaintPlan Paint { get; init; }
}
