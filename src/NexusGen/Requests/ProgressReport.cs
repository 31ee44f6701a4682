namespace NexusGen.Requests;

/// <summary>The progress of a request.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Completed">The number of completed units of the phase: images, tokens, denoising steps, tiles.</param>
/// <param name="Total">The number of all units, or null if it is not known.</param>
/// <param name="Detail">More information, for example the name of the component that is loaded; empty for none.</param>
public sealed record ProgressReport(ProgressPhase Phase, int Completed, int? Total, string Detail = "");
