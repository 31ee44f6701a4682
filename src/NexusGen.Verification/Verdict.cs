namespace NexusGen.Verification;

/// <summary>Specifies whether a case passed.</summary>
public enum Verdict
{
    /// <summary>All results are within the tolerance.</summary>
    Passed,

    /// <summary>A result is outside the tolerance or missing, the case could not be computed, or its kind is unknown.</summary>
    Failed,
}
