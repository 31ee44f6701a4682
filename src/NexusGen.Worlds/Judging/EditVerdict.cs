namespace NexusGen.Worlds.Judging;

/// <summary>The two judgements of an edited picture.</summary>
/// <param name="Change">Whether what was asked for is there.</param>
/// <param name="Rest">Whether all else is as it was.</param>
public sealed record EditVerdict(Verdict Change, Verdict Rest)
{
    /// <summary>Whether both are right.</summary>
    public bool IsRight => Change.IsRight && Rest.IsRight;

    /// <inheritdoc/>
    public override string ToString() => $"change {Change}; rest {Rest}";
}
