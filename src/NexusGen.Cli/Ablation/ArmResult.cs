using System.Text.Json;
using NexusGen.Training.Autoregressive;

namespace NexusGen.Cli.Ablation;

/// <summary>The result of one training of an arm.</summary>
/// <param name="Arm">The name of the arm.</param>
/// <param name="Seed">The index of the training, from 0.</param>
/// <param name="Steps">The number of steps that were trained.</param>
/// <param name="Hours">The duration of the training in hours.</param>
/// <param name="Flops">The floating-point operations of the model.</param>
/// <param name="Errors">The errors of the predicted embeddings, for each task that generates images.</param>
/// <param name="Scores">The share of cases that the judge found correct, for each task.</param>
internal sealed record ArmResult(
    string Arm, int Seed, long Steps, double Hours, double Flops, IReadOnlyDictionary<string, PredictionErrors> Errors,
    IReadOnlyDictionary<string, double> Scores)
{
    private const string Name = "result.json";

    /// <summary>Reads the result stored in a folder, or returns null if there is none.</summary>
    /// <param name="folder">The folder.</param>
    public static ArmResult? Read(string folder)
    {
        string file = Path.Combine(folder, Name);
        return File.Exists(file) ? JsonSerializer.Deserialize<ArmResult>(File.ReadAllText(file)) : null;
    }

    /// <summary>Stores the result in a folder. The file is replaced only when it is complete.</summary>
    /// <param name="folder">The folder.</param>
    public void Write(string folder)
    {
        string file = Path.Combine(folder, Name);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this));
        File.Move(file + ".new", file, overwrite: true);
    }
}
