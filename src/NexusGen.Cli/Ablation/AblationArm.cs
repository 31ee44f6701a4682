using NexusGen.Training.Data;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Ablation;

/// <summary>One of the ways to train that are compared.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Data">What it is trained on.</param>
/// <param name="Share">Its steps as a multiple of the budget.</param>
/// <param name="Plain">Whether it draws by plain autoregression.</param>
/// <param name="Tasks">What it is measured on.</param>
internal sealed record AblationArm(string Name, IReadOnlyList<DataSource> Data, double Share, bool Plain, IReadOnlyList<WorldTask> Tasks);
