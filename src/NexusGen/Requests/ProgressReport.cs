namespace NexusGen.Requests;

/// <summary>How far a task has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="Completed">How many units of it are done: tokens, denoising steps, tiles.</param>
/// <param name="Total">How many there are in all; null where nobody knows.</param>
/// <param name="Detail">More to say, for example the name of what is loaded; empty where there is nothing.</param>
public sealed record ProgressReport(ProgressPhase Phase, int Completed, int? Total, string Detail = "");
