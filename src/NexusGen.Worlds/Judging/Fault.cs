namespace NexusGen.Worlds.Judging;

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Reason">What was expected and what was found, for a person.</param>
public sealed record Fault(FaultKind Kind, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Reason}";
}
