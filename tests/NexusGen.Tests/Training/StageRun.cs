using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Short runs of a stage on a small model, and what they made of the weights.</summary>
internal static class StageRun
{
    /// <summary>Trains as the configuration says, in YAML; every step is reported, and nothing is made ahead.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="model">The model's folder.</param>
    /// <param name="run">The training's folder.</param>
    /// <param name="configuration">Lines of the configuration.</param>
    public static TrainingReport Of(TrainingStage stage, string model, string run, params string[] configuration)
    {
        Directory.CreateDirectory(run);
        string file = Path.Combine(run, "stage.yaml");
        File.WriteAllLines(file, ["log_every: 1", "workers: 0", "threads: 1", "warmup_steps: 0", .. configuration]);
        return stage.Run(new StageRequest
        {
            Model = ModelPaths.Find(model),
            ConfigurationFile = file,
            Folder = run,
            Install = false,
            Worlds = WorldData.Open,
        });
    }

    /// <summary>The weights of a training's last checkpoint.</summary>
    /// <param name="run">The training's folder.</param>
    /// <param name="name">Their file, without ending.</param>
    public static Dictionary<string, Tensor> Weights(string run, string name) =>
        Read(Path.Combine(TrainingCheckpoint.Latest(run)!, TrainingCheckpoint.WeightsName, name + ".safetensors"));

    /// <summary>All tensors of a file.</summary>
    public static Dictionary<string, Tensor> Read(string file)
    {
        using ITensorStore store = TensorStore.Open(file);
        return store.Entries.Values.ToDictionary(entry => entry.Name, entry => store.Read(entry));
    }
}
