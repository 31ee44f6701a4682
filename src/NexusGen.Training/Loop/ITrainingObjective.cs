using NexusGen.Training.Checkpoints;
using NexusGen.Training.Gradients;
using NexusGen.Training.Optimization;

namespace NexusGen.Training.Loop;

/// <summary>
/// An objective to train: its parameters, its batches and their loss. <see cref="Trainer{TBatch}"/> does everything else
/// (gradients, optimizer, schedule, checkpoints, reports). The objective owns its modules. Parameters that are in no group stay
/// frozen.
/// </summary>
/// <typeparam name="TBatch">The type of a batch, ready for computation. Disposable batches are disposed after use.</typeparam>
internal interface ITrainingObjective<TBatch>
{
    /// <summary>Gets the trained parameters, of one or several modules.</summary>
    IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>Gets the weight files of a checkpoint. Every trained parameter is in one of them.</summary>
    IReadOnlyList<SavedWeights> Weights { get; }

    /// <summary>
    /// Creates a batch, from files or on the fly. Called ahead of time on other threads, possibly several at once. The contents
    /// depend only on the position. The tensors of the batch must not belong to a dispose scope, and intermediate ones must be
    /// disposed.
    /// </summary>
    /// <param name="place">The position of the batch.</param>
    /// <param name="cancellation">Cancels the preparation.</param>
    TBatch Prepare(MicroBatch place, CancellationToken cancellation);

    /// <summary>Counts what the parts of a batch's loss are means over.</summary>
    /// <param name="place">The position of the batch.</param>
    /// <param name="batch">The batch.</param>
    LossCounts Count(MicroBatch place, TBatch batch) => new(place.Count);

    /// <summary>Computes the contribution of a batch to the loss of its step, recording gradients.</summary>
    /// <param name="place">The position of the batch.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="shares">The shares of the batch's means in those of the step.</param>
    TrainingLoss ComputeLoss(MicroBatch place, TBatch batch, LossShares shares);

    /// <summary>Evaluates the weights on validation data, without gradients.</summary>
    /// <param name="step">The number of steps taken.</param>
    /// <param name="cancellation">Cancels the validation.</param>
    /// <returns>
    /// Named values, or null if there is nothing to evaluate. The value named <c>loss</c> determines which checkpoint is the
    /// best.
    /// </returns>
    IReadOnlyDictionary<string, double>? Validate(long step, CancellationToken cancellation) => null;
}
