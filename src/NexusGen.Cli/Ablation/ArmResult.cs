using System.Text.Json;
using NexusGen.Training.Autoregressive;

namespace NexusGen.Cli.Ablation;

/// <summary>What one training of one way came to.</summary>
/// <param name="Arm">The way's name.</param>
/// <param name="Seed">Which of its trainings.</param>
/// <param name="Steps">Steps that were taken.</param>
/// <param name="Hours">Hours of training.</param>
/// <param name="Flops">Floating-point operations of the model.</param>
/// <param name="Errors">By task that draws: how far the predicted embeddings are from the true ones.</param>
/// <param name="Scores">By task: the share of cases that the judge found right.</param>
internal sealed record ArmResult(
    string Arm, int Seed, long Steps, double Hours, double Flops, IReadOnlyDictionary<string, DrawingErrors> Errors, IReadOnlyDictionary<string, double> Scores)
{
    private const string Name = "result.json";

    /// <summary>Reads what was kept in a folder; null where nothing was.</summary>
    /// <param name="folder">The folder.</param>
    public static ArmResult? Read(string folder)
    {
        string file = Path.Combine(folder, Name);
        return File.Exists(file) ? JsonSerializer.Deserialize<ArmResult>(File.ReadAllText(file)) : null;
    }

    /// <summary>Keeps it in a folder, whole or not at all.</summary>
    /// <param name="folder">The folder.</param>
    public void Write(string folder)
    {
        string file = Path.Combine(folder, Name);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this));
        File.Move(file + ".new", file, overwrite: true);
    }
}
