namespace NexusGen.Verification;

/// <summary>How a case ended.</summary>
/// <param name="Kind">What was tested.</param>
/// <param name="Name">Its name within the kind.</param>
/// <param name="Verdict">Passed or failed.</param>
/// <param name="Error">The largest relative error of its results.</param>
/// <param name="Reason">What is wrong and where; empty where it passed.</param>
public sealed record CaseResult(string Kind, string Name, Verdict Verdict, double Error, string Reason)
{
    /// <summary>The line that tells it: <c>PASS kind/name 1.2e-6</c>, <c>FAIL kind/name 3.4e-2 (what, where)</c>.</summary>
    public override string ToString() => Verdict switch
    {
        Verdict.Passed => FormattableString.Invariant($"PASS {Kind}/{Name} {Error:0.0e-0}"),
        _ => FormattableString.Invariant($"FAIL {Kind}/{Name} {Error:0.0e-0} ({Reason})"),
    };
}
