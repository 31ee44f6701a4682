using NexusGen.Imaging;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>The result of one case.</summary>
/// <param name="Suite">The suite, one of <see cref="WorldEvaluation.Suites"/>.</param>
/// <param name="Sample">The turns and the expected result.</param>
/// <param name="Right">Whether the result is correct; for an edit, both the change and everything else.</param>
/// <param name="ChangeRight">For an edit, whether the change was made; otherwise the same as <paramref name="Right"/>.</param>
/// <param name="RestRight">For an edit, whether all else is unchanged; otherwise the same as <paramref name="Right"/>.</param>
/// <param name="Said">The model's text; for a reconstruction, its PSNR.</param>
/// <param name="Fault">A description of the error; empty if the result is correct.</param>
/// <param name="Picture">The generated image, or null if there is none.</param>
internal sealed record EvaluatedCase(
    string Suite, WorldSample Sample, bool Right, bool ChangeRight, bool RestRight, string Said, string Fault, RgbImage? Picture);
