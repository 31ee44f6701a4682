namespace NexusGen.Server.OpenAI;

/// <summary>The progress of an image.</summary>
/// <param name="Step">The number of completed denoising steps.</param>
/// <param name="Steps">The number of all denoising steps.</param>
internal sealed record StepProgress(int Step, int Steps);
