using NexusGen.Imaging;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>One case, as it ended.</summary>
/// <param name="Suite">The suite: understand, generate, edit, reconstruct, composition.</param>
/// <param name="Sample">What was asked, and what was expected.</param>
/// <param name="Right">Whether it is right; of an edit, the change and all else.</param>
/// <param name="ChangeRight">Of an edit whether the change is there; the same as <paramref name="Right"/> elsewhere.</param>
/// <param name="RestRight">Of an edit whether all else is as it was; the same as <paramref name="Right"/> elsewhere.</param>
/// <param name="Said">What the model said.</param>
/// <param name="Fault">What is wrong, for a person; empty where it is right.</param>
/// <param name="Picture">What it drew; null for nothing.</param>
internal sealed record EvaluatedCase(
    string Suite, WorldSample Sample, bool Right, bool ChangeRight, bool RestRight, string Said, string Fault, RgbImage? Picture);
