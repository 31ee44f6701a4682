using NexusGen.Training.Checkpoints;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;

namespace NexusGen.Training.Loop;

/// <summary>
/// What is trained: its parameters, its batches and their loss. Everything else (gradients, optimiser, schedule, checkpoints,
/// reports) is <see cref="TrainingLoop{TBatch}"/>'s. The task owns its modules; what belongs to no group stays frozen.
/// </summary>
/// <typeparam name="TBatch">A batch, ready to be computed on; disposed after its use where it can be.</typeparam>
public interface ITrainingTask<TBatch>
{
    /// <summary>The parameters that are trained, of one module or of several.</summary>
    IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The files of weights in a checkpoint. Every trained parameter is in one of them.</summary>
    IReadOnlyList<SavedWeights> Weights { get; }

    /// <summary>
    /// Makes a batch, from files or on the fly. Called on other threads ahead of its use and perhaps several times at once;
    /// what it holds follows from the place alone. Its tensors belong to no dispose scope; what was made on the way is disposed.
    /// </summary>
    /// <param name="place">Which batch.</param>
    /// <param name="cancellation">The batch is no longer wanted.</param>
    TBatch Prepare(MicroBatch place, CancellationToken cancellation);

    /// <summary>Computes the loss of a batch, with gradients recorded.</summary>
    /// <param name="place">Which batch.</param>
    /// <param name="batch">The batch.</param>
    TrainingLoss ComputeLoss(MicroBatch place, TBatch batch);

    /// <summary>Measures how good the weights are on data that is not trained on; without gradients.</summary>
    /// <param name="step">How many steps were taken.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>
    /// Named numbers; the one named <c>loss</c> decides which checkpoint is the best. Null where there is nothing to measure.
    /// </returns>
    IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation) => null;
}
