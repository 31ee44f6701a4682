namespace NexusGen.Verification;

/// <summary>The result of a case.</summary>
/// <param name="Kind">The kind of the case.</param>
/// <param name="Name">The name of the case within its kind.</param>
/// <param name="Verdict">Whether the case passed or failed.</param>
/// <param name="Error">
/// The largest relative error of the results; if the case failed, the largest of those outside the tolerance.
/// </param>
/// <param name="Reason">What is wrong and where; empty if the case passed.</param>
public sealed record CaseResult(string Kind, string Name, Verdict Verdict, double Error, string Reason)
{
    /// <summary>
    /// Formats the result as a line: <c>PASS kind/name 1.2e-6</c> or <c>FAIL kind/name 3.4e-2 (what, where)</c>.
    /// </summary>
    public override string ToString() => Verdict switch
    {
        Verdict.Passed => FormattableString.Invariant($"PASS {Kind}/{Name} {Error:0.0e-0}"),
        _ => FormattableString.Invariant($"FAIL {Kind}/{Name} {Error:0.0e-0} ({Reason})"),
    };
}
