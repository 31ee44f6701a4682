using System.Collections.Immutable;

namespace NexusGen.Worlds.Judging;

/// <summary>A judgement: right when there is no fault.</summary>
/// <param name="Faults">What is wrong.</param>
public sealed record Verdict(ImmutableArray<Fault> Faults)
{
    /// <summary>The verdict without a fault.</summary>
    public static Verdict Good { get; } = new(ImmutableArray<Fault>.Empty);

    /// <summary>Whether all is right.</summary>
    public bool IsRight => Faults.IsEmpty;

    /// <summary>Whether a fault of a kind was found.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether it was.</returns>
    public bool Has(FaultKind kind) => Faults.Any(f => f.Kind == kind);

    /// <inheritdoc/>
    public override string ToString() => IsRight ? "right" : string.Join("; ", Faults);
}
