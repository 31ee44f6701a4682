using NexusGen.Training.Data;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Ablation;

/// <summary>An arm of a study: one of the training variants that are compared.</summary>
/// <param name="Name">The name of the arm in the report.</param>
/// <param name="Data">The training data.</param>
/// <param name="Share">The number of steps as a multiple of <see cref="AblationSettings.Steps"/>.</param>
/// <param name="Plain">Whether the arm uses plain autoregression instead of prefilled autoregression.</param>
/// <param name="Tasks">The tasks that the trained model is measured on.</param>
internal sealed record AblationArm(
    string Name, IReadOnlyList<DataSource> Data, double Share, bool Plain, IReadOnlyList<WorldTask> Tasks);
