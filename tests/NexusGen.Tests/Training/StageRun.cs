using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>Short runs of a stage on a small model, and the resulting weights.</summary>
internal static class StageRun
{
    /// <summary>Trains without warm-up. Every step is reported, and no batch is prepared in advance.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="model">The model folder.</param>
    /// <param name="run">The folder of the training run.</param>
    /// <param name="configuration">The training configuration.</param>
    public static TrainingReport Of<TConfiguration, TBatch>(
        TrainingStage<TConfiguration, TBatch> stage, string model, string run, TConfiguration configuration)
        where TConfiguration : ModelTrainingConfiguration, new()
    {
        var request = new StageRequest
        {
            Model = ModelPaths.Find(model),
            Folder = run,
            Install = false,
            Worlds = WorldData.Open,
        };
        return stage.Run(request, configuration with { LogEvery = 1, Workers = 0, Threads = 1, WarmupSteps = 0 });
    }

    /// <summary>Reads the weights of the last checkpoint of a training run.</summary>
    /// <param name="run">The folder of the training run.</param>
    /// <param name="name">The weight file, without extension.</param>
    public static Dictionary<string, Tensor> Weights(string run, string name) =>
        Read(Path.Combine(TrainingCheckpoint.Latest(run)!, TrainingCheckpoint.WeightsName, name + ".safetensors"));

    /// <summary>Reads all tensors of a file.</summary>
    public static Dictionary<string, Tensor> Read(string file)
    {
        using ITensorStore store = TensorStore.Open(file);
        return store.Entries.Values.ToDictionary(entry => entry.Name, entry => store.Read(entry));
    }
}
